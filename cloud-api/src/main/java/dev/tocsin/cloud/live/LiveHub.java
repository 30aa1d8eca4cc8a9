package dev.tocsin.cloud.live;

import dev.tocsin.cloud.devices.Conditions.Condition;
import dev.tocsin.cloud.devices.Conditions.State;
import dev.tocsin.cloud.http.Call;
import dev.tocsin.cloud.http.Doorkeeper;
import dev.tocsin.cloud.http.EventLoop;
import dev.tocsin.cloud.http.Routes;
import dev.tocsin.cloud.http.Socket;
import dev.tocsin.profiles.alert.Severity;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Clock;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Tells every live client what changes: the first change at once, further ones gathered for a moment that is the longer
 * the more it costs to tell them. Everything but {@link #changed} and {@link #complete} runs on the event loop, which
 * owns all fields.
 */
public final class LiveHub implements LiveAlerts.Listener {
    static final int MAX_CLIENTS = 1_000;
    /** How far back a client may resume. */
    private static final int RING = 4_096;

    private static final long SHORTEST_GATHER_MS = 5;
    private static final long LONGEST_GATHER_MS = 100;
    /** Of the event loop's time, what telling changes takes at most: one part in so many. */
    private static final long SHARE_OF_LOOP = 5;

    private static final long BEAT_MS = 2_000;
    private static final int SESSION_ENDED = 4401;
    private static final int TOO_SLOW = 4408;
    private static final int BAD_REQUEST = 4400;
    private static final int TRY_LATER = 1013;
    private static final int GOING_AWAY = 1001;

    private final EventLoop loop;
    private final Doorkeeper doorkeeper;
    private final Supplier<?> river;
    private final Clock clock;
    private final long maxPendingBytes;
    private final SharedSnapshot snapshot;
    private final Counter tooSlow;

    private final Set<LiveClient> clients = new LinkedHashSet<>();
    private final Deque<Change> ring = new ArrayDeque<>();
    private final Map<String, String> gathered = new LinkedHashMap<>();
    private final Set<String> touchedDevices = new HashSet<>();
    private final Map<String, Condition> told = new LinkedHashMap<>();
    private @Nullable LiveAlerts alerts;
    private boolean gathering;
    private boolean complete;
    /** Begins at the clock, so that a number of an earlier process is never mistaken for one of this. */
    private long seq;

    private record Change(long seq, String id, String device, String json) {}

    record DeviceState(String device, State state, @Nullable Severity severity) {}

    /**
     * @param river what a beat says of it; answers from memory
     * @param maxPendingBytes a client that leaves more untaken is disconnected
     */
    public LiveHub(
            EventLoop loop,
            Doorkeeper doorkeeper,
            Supplier<?> river,
            Clock clock,
            long maxPendingBytes,
            MeterRegistry metrics) {
        this.loop = loop;
        this.doorkeeper = doorkeeper;
        this.river = river;
        this.clock = clock;
        this.maxPendingBytes = maxPendingBytes;
        // Half, so that the frames after it still find room in the queue of a client that has not taken it yet.
        this.snapshot = new SharedSnapshot(river, clock, maxPendingBytes / 2);
        this.seq = clock.millis() * 1_000;
        this.tooSlow = metrics.counter("tocsin.live.disconnected", "reason", "slow");
        metrics.gauge("tocsin.live.clients", clients, Set::size);
    }

    /** To be called once, before anything arrives. */
    public void start(LiveAlerts all, Routes routes) {
        alerts = all;
        routes.webSocket("live", this::opened);
        loop.every(BEAT_MS, this::beat);
    }

    @Override
    public void changed(LiveAlerts.Entry entry) {
        loop.run(() -> take(entry));
    }

    /** What was open before the start is known by now. */
    public void complete() {
        loop.run(() -> {
            if (!complete) {
                complete = true;
                // A client that is too slow leaves the set on the way.
                List.copyOf(clients).forEach(this::sendSnapshot);
            }
        });
    }

    public void close() {
        loop.run(() -> {
            for (LiveClient client : List.copyOf(clients)) {
                client.socket().close(GOING_AWAY, "the server stops");
            }
        });
    }

    private void opened(Call call, Socket socket) {
        if (clients.size() >= MAX_CLIENTS) {
            socket.close(TRY_LATER, "too many live clients");
            return;
        }
        LiveClient client = new LiveClient(call.caller(), socket);
        clients.add(client);
        socket.onClose(() -> clients.remove(client));
        socket.onText(text -> {
            Long from = Frames.resumeFrom(text);
            if (from == null) {
                socket.close(BAD_REQUEST, "not a frame of the contract");
            } else {
                resume(client, from);
            }
        });
        String from = call.unchecked("seq");
        if (from == null) {
            sendSnapshot(client);
        } else if (from.matches("\\d{1,18}")) {
            resume(client, Long.parseLong(from));
        } else {
            socket.close(BAD_REQUEST, "seq is no number");
        }
    }

    private void take(LiveAlerts.Entry entry) {
        seq++;
        String id = entry.alert().id();
        ring.addLast(new Change(seq, id, entry.alert().device(), entry.json()));
        if (ring.size() > RING) {
            ring.removeFirst();
        }
        gathered.put(id, entry.json());
        touchedDevices.add(entry.alert().device());
        if (!gathering) {
            gathering = true;
            flushAndGather();
        }
    }

    private void gatherEnded() {
        if (gathered.isEmpty()) {
            gathering = false;
        } else {
            flushAndGather();
        }
    }

    private void flushAndGather() {
        long began = System.nanoTime();
        try {
            flush();
        } finally {
            long tookMs = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - began);
            long gatherMs = Math.min(LONGEST_GATHER_MS, Math.max(SHORTEST_GATHER_MS, tookMs * SHARE_OF_LOOP));
            loop.after(gatherMs, this::gatherEnded);
        }
    }

    private void flush() {
        String frame = Frames.changes(seq, clock.instant(), gathered.values());
        gathered.clear();
        broadcast(frame);
        List<DeviceState> states = new ArrayList<>();
        for (String device : touchedDevices) {
            Condition now = all().of(device);
            Condition before = now.state() == State.NORMAL ? told.remove(device) : told.put(device, now);
            if (!now.equals(before) && !(before == null && now.state() == State.NORMAL)) {
                states.add(new DeviceState(device, now.state(), now.severity()));
            }
        }
        touchedDevices.clear();
        if (!states.isEmpty()) {
            broadcast(Frames.devices(clock.instant(), states));
        }
    }

    private void beat() {
        String frame = Frames.beat(seq, clock.instant(), river.get());
        for (LiveClient client : List.copyOf(clients)) {
            if (doorkeeper.stillOpen(client.caller())) {
                send(client, frame);
            } else {
                client.socket().close(SESSION_ENDED, "the session ended");
            }
        }
    }

    private void resume(LiveClient client, long from) {
        Change oldest = ring.peekFirst();
        boolean known = from == seq || (from < seq && oldest != null && from >= oldest.seq() - 1);
        if (!known) {
            sendSnapshot(client);
            return;
        }
        Map<String, String> missed = new LinkedHashMap<>();
        Set<String> devices = new HashSet<>();
        Iterator<Change> newestFirst = ring.descendingIterator();
        while (newestFirst.hasNext()) {
            Change change = newestFirst.next();
            if (change.seq() <= from) {
                break;
            }
            missed.putIfAbsent(change.id(), change.json());
            devices.add(change.device());
        }
        send(client, Frames.changes(seq, clock.instant(), missed.values()));
        // Those too that became normal meanwhile: the client still shows what they were.
        sendDevices(client, devices);
    }

    private void sendSnapshot(LiveClient client) {
        send(client, snapshot.frame(seq, complete, all()));
        sendDevices(client, Set.of());
    }

    /** @param changed devices of which also is said that they are normal */
    private void sendDevices(LiveClient client, Set<String> changed) {
        Set<String> devices = new HashSet<>(all().devicesWithAlerts());
        devices.addAll(changed);
        List<DeviceState> states = new ArrayList<>();
        for (String device : devices) {
            Condition now = all().of(device);
            if (now.state() != State.NORMAL || changed.contains(device)) {
                states.add(new DeviceState(device, now.state(), now.severity()));
            }
        }
        send(client, Frames.devices(clock.instant(), states));
    }

    private void broadcast(String frame) {
        for (LiveClient client : List.copyOf(clients)) {
            send(client, frame);
        }
    }

    private void send(LiveClient client, String frame) {
        if (client.socket().pendingBytes() > maxPendingBytes) {
            // It connects again and gets a snapshot; waiting for it would grow without end.
            tooSlow.increment();
            clients.remove(client);
            client.socket().close(TOO_SLOW, "reads too slowly");
        } else {
            client.socket().send(frame);
        }
    }

    private LiveAlerts all() {
        LiveAlerts all = alerts;
        if (all == null) {
            throw new IllegalStateException("not started");
        }
        return all;
    }
}
