package dev.tocsin.agent.acquire;

import dev.tocsin.agent.link.Backoff;
import dev.tocsin.agent.link.BrokerAddress;
import dev.tocsin.agent.link.FieldLink;
import dev.tocsin.agent.link.Turn;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.eclipse.paho.mqttv5.client.IMqttToken;
import org.eclipse.paho.mqttv5.client.MqttAsyncClient;
import org.eclipse.paho.mqttv5.client.MqttConnectionOptions;
import org.eclipse.paho.mqttv5.client.persist.MemoryPersistence;
import org.eclipse.paho.mqttv5.common.MqttException;
import org.eclipse.paho.mqttv5.common.MqttSubscription;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes sensor messages from one field broker through one persistent session, at QoS 1, and acknowledges each after its
 * commit. The broker holds what is not acknowledged; its window is {@link Intake#RECEIVE_MAXIMUM}. Every connection has a
 * client and a number of its own, so that no acknowledgement goes to a later one.
 */
final class MqttIntake implements AutoCloseable {
    /** Larger messages a broker does not deliver; those above the decoder's bound are kept as rejected. */
    private static final long MAX_PACKET_BYTES = 1024 * 1024;

    private static final Logger LOG = LoggerFactory.getLogger(MqttIntake.class);
    private static final int KEEP_ALIVE_SECONDS = 30;
    private static final long NEVER_EXPIRES_SECONDS = 0xFFFFFFFFL;
    /** The stored message comes once, when the subscription is new, and not at every reconnect. */
    private static final int RETAINED_IF_NEW = 1;

    private static final int RETAINED_NEVER = 2;
    /** Whether the disk takes something again. */
    private static final long LOOK_AGAIN_MS = 250;

    private static final long LISTEN_AGAIN_AT_MOST_MS = 8_000;

    private static final long ANSWER_MS = 15_000;
    /** SUBACK codes from here on. */
    private static final int REFUSED = 0x80;
    /** Nobody is subscribed to it: taking it back costs the broker nothing but the answer. */
    private static final String ROUND_TRIP = "tocsin/round-trip";

    private final BrokerAddress broker;
    private final String clientId;
    private final Intake intake;
    private final LongSupplier monotonicMs;
    private final Thread thread;
    private final CountDownLatch stopped = new CountDownLatch(1);

    private final FieldLink link;
    private final Witness witness;
    private volatile boolean resubscribe;

    // Owned by the thread.
    private int connections;
    /** Filters that the broker's session may hold. */
    private final Set<String> known;
    /** Those that the broker granted on this connection. */
    private final Set<String> granted = new HashSet<>();
    /** While the disk takes nothing. */
    private @Nullable MqttAsyncClient listening;

    private final Backoff listenAgain = new Backoff(LOOK_AGAIN_MS, LISTEN_AGAIN_AT_MOST_MS);
    private long listenAgainAtMs;
    private boolean cannotListen;

    /** @param link told what becomes of the connection, by {@code monotonicMs} */
    MqttIntake(BrokerAddress broker, String gateway, Intake intake, FieldLink link, LongSupplier monotonicMs) {
        this.broker = broker;
        // A gateway's id holds no slash: nobody else has this name.
        this.clientId = "tocsin-agent-" + gateway + "-field" + (link.isFirst() ? "" : "/" + link.name());
        this.thread = new Thread(this::run, "field-mqtt-" + link.name());
        this.intake = intake;
        this.link = link;
        this.monotonicMs = monotonicMs;
        this.witness = new Witness(link::upSinceMs, monotonicMs);
        this.known = new HashSet<>(intake.knownFilters(link));
        intake.registry.onChange(() -> resubscribe = true);
    }

    void start() {
        thread.start();
    }

    private void run() {
        Turn turn = new Turn(1);
        boolean told = false;
        try {
            while (stopped.getCount() > 0) {
                if (intake.refusing()) {
                    listen();
                    if (stopped.await(LOOK_AGAIN_MS, TimeUnit.MILLISECONDS)) {
                        return;
                    }
                    continue;
                }
                stopListening();
                if (intake.accepting()) {
                    try {
                        serve(turn);
                        told = false;
                    } catch (MqttException | IOException e) {
                        if (!told) {
                            LOG.warn("field broker {}: {}; trying on", broker, broker.reason(e));
                            told = true;
                        }
                    }
                }
                if (stopped.await(turn.over(monotonicMs.getAsLong()), TimeUnit.MILLISECONDS)) {
                    return;
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            stopListening();
        }
    }

    /**
     * The disk takes nothing, so the session stands still as soon as its window is full. A connection of its own, at
     * QoS 0, brings what sensors say meanwhile; the session keeps it to be stored later.
     */
    private void listen() {
        MqttAsyncClient open = listening;
        if (open != null && open.isConnected() || monotonicMs.getAsLong() < listenAgainAtMs) {
            return;
        }
        stopListening();
        try {
            MqttAsyncClient client =
                    new MqttAsyncClient(broker.clientUrl(), clientId + "/listen", new MemoryPersistence());
            listening = client;
            witness.listeningBegins();
            client.setCallback(receiver(null, connections, new CountDownLatch(1)));
            MqttConnectionOptions options = broker.options(KEEP_ALIVE_SECONDS);
            options.setCleanStart(true);
            options.setSessionExpiryInterval(0L);
            options.setMaximumPacketSize(MAX_PACKET_BYTES);
            client.connect(options).waitForCompletion(ANSWER_MS);
            client.subscribe(Filters.of(intake.registry.catalog().all()).stream()
                            .map(MqttIntake::toListen)
                            .toArray(MqttSubscription[]::new))
                    .waitForCompletion(ANSWER_MS);
            LOG.warn("field broker {}: the disk takes nothing, listening without acknowledging", broker);
            listenAgain.reset();
            cannotListen = false;
        } catch (MqttException | IOException e) {
            listenAgainAtMs = monotonicMs.getAsLong() + listenAgain.nextMs();
            if (!cannotListen) {
                LOG.warn("field broker {}: cannot listen while the disk takes nothing: {}", broker, broker.reason(e));
                cannotListen = true;
            }
            stopListening();
        }
    }

    private MqttReceiver receiver(@Nullable FieldSocket socket, int number, CountDownLatch lost) {
        return new MqttReceiver(broker, intake, link, witness, socket, number, lost);
    }

    private static MqttSubscription toListen(String filter) {
        MqttSubscription subscription = new MqttSubscription(filter, 0);
        subscription.setRetainHandling(RETAINED_NEVER);
        return subscription;
    }

    private void stopListening() {
        MqttAsyncClient open = listening;
        listening = null;
        if (open != null) {
            leave(open);
        }
    }

    /** One connection, until it is lost. */
    private void serve(Turn turn) throws MqttException, IOException, InterruptedException {
        int number = ++connections;
        CountDownLatch lost = new CountDownLatch(1);
        // Before the client, which would be left open where a file of TLS cannot be used.
        FieldSocket socket = new FieldSocket(broker.tlsSockets());
        MqttAsyncClient client = new MqttAsyncClient(broker.clientUrl(), clientId, new MemoryPersistence());
        client.setManualAcks(true);
        client.setCallback(receiver(socket, number, lost));
        witness.sessionBegins();
        try {
            MqttConnectionOptions options = broker.options(KEEP_ALIVE_SECONDS, () -> socket);
            socket.start("field-acks-" + link.name());
            options.setCleanStart(false);
            options.setSessionExpiryInterval(NEVER_EXPIRES_SECONDS);
            options.setReceiveMaximum(Intake.RECEIVE_MAXIMUM);
            options.setMaximumPacketSize(MAX_PACKET_BYTES);
            // What the session holds may arrive before connect returns.
            link.connecting(number);
            client.connect(options).waitForCompletion(ANSWER_MS);
            resubscribe = false;
            granted.clear();
            subscribe(client);
            link.up(monotonicMs.getAsLong());
            turn.connected(monotonicMs.getAsLong());
            LOG.info("field broker {}: connected, {} subscriptions", broker, granted.size());
            attend(client, socket, lost);
            if (stopped.getCount() > 0) {
                LOG.warn("field broker {}: connection lost", broker);
            }
        } finally {
            link.down();
            if (intake.refusing() && stopped.getCount() > 0) {
                // Before the session goes: what comes in between is seen by either.
                listen();
            }
            leave(client);
            socket.close();
        }
    }

    private void attend(MqttAsyncClient client, FieldSocket socket, CountDownLatch lost)
            throws MqttException, InterruptedException {
        Backoff again = new Backoff(5_000, 300_000);
        long askAgainMs = monotonicMs.getAsLong() + again.nextMs();
        long arrived = 0;
        while (!lost.await(500, TimeUnit.MILLISECONDS) && stopped.getCount() > 0) {
            boolean refusedBefore = !link.refused().isEmpty() && monotonicMs.getAsLong() >= askAgainMs;
            if (resubscribe || refusedBefore) {
                resubscribe = false;
                subscribe(client);
                askAgainMs = monotonicMs.getAsLong() + again.nextMs();
            }
            long acknowledged = intake.acknowledgedUpTo(link);
            if (acknowledged > arrived) {
                socket.awaitAcknowledged();
                // A broker answers in order: when it has answered this, it has the acknowledgements before it.
                client.unsubscribe(ROUND_TRIP).waitForCompletion(ANSWER_MS);
                arrived = acknowledged;
                link.arrived(arrived);
            }
        }
    }

    /** Subscribes to what the profiles need and is not granted yet, and takes back what none needs any more. */
    private void subscribe(MqttAsyncClient client) throws MqttException {
        List<String> needed = Filters.of(intake.registry.catalog().all());
        List<String> refused = new ArrayList<>();
        List<String> fresh =
                needed.stream().filter(filter -> !granted.contains(filter)).toList();
        if (!fresh.isEmpty()) {
            fresh.stream().filter(known::add).forEach(filter -> intake.knowFilter(link, filter, true));
            IMqttToken token = client.subscribe(
                    fresh.stream().map(MqttIntake::subscription).toArray(MqttSubscription[]::new));
            token.waitForCompletion(ANSWER_MS);
            for (int i = 0; i < fresh.size(); i++) {
                if (token.getReasonCodes()[i] < REFUSED) {
                    granted.add(fresh.get(i));
                } else {
                    refused.add(fresh.get(i));
                }
            }
        }
        if (!refused.equals(link.refused())) {
            refused.forEach(filter -> LOG.error("field broker {} refuses the subscription {}", broker, filter));
        }
        link.refused(refused);
        // The session outlives profiles and this process: what is not taken back comes for ever.
        List<String> over =
                known.stream().filter(filter -> !needed.contains(filter)).toList();
        if (!over.isEmpty()) {
            client.unsubscribe(over.toArray(String[]::new)).waitForCompletion(ANSWER_MS);
            for (String filter : over) {
                granted.remove(filter);
                known.remove(filter);
                intake.knowFilter(link, filter, false);
            }
        }
    }

    private static MqttSubscription subscription(String filter) {
        MqttSubscription subscription = new MqttSubscription(filter, 1);
        subscription.setRetainHandling(RETAINED_IF_NEW);
        return subscription;
    }

    private static void leave(MqttAsyncClient client) {
        try {
            if (client.isConnected()) {
                client.disconnect(2_000).waitForCompletion(3_000);
            }
        } catch (MqttException e) {
            LOG.debug("leaving the field broker", e);
        }
        try {
            client.disconnectForcibly(0, 100, false);
        } catch (MqttException e) {
            LOG.debug("leaving the field broker", e);
        }
        try {
            client.close(true);
        } catch (MqttException e) {
            LOG.debug("closing the field client", e);
        }
    }

    /** Begins to stop. */
    void stop() {
        stopped.countDown();
    }

    /** Stops taking messages; what is queued and not acknowledged yet comes again and is known then. */
    @Override
    public void close() {
        stop();
        try {
            thread.join(5_000);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
