package dev.tocsin.agent.output;

import dev.tocsin.agent.link.BrokerAddress;
import dev.tocsin.agent.observe.AgentMetrics;
import dev.tocsin.agent.observe.Chore;
import dev.tocsin.profiles.alert.Alert;
import dev.tocsin.profiles.alert.AlertState;
import dev.tocsin.profiles.settings.GatewaySettings;
import dev.tocsin.profiles.settings.Output;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Switches the outputs as the open alerts want them. It is told of each alert where it is found, before it is on disk:
 * a siren must not wait for a disk. Every output is driven by a thread of its own, one order at a time, and again until
 * it is certain that the order is there. Safe for any thread.
 */
public final class Outputs implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Outputs.class);
    /** More than any agent holds open; the eldest makes room. */
    private static final int MAX_ALERTS = 6_000;

    private static final long TEST_MS = 3_000;
    private static final long TEST_PATIENCE_MS = 15_000;

    private final FieldPublisher field;
    private final CoapSender coap;
    private final AlertLog log;
    private final Troubles troubles;
    private final Clock clock;
    private final LongSupplier monotonicMs;
    private final AtomicLong driven = new AtomicLong();
    private final AtomicBoolean settling = new AtomicBoolean();
    private final ScheduledExecutorService thread =
            new ScheduledThreadPoolExecutor(1, runnable -> new Thread(runnable, "outputs"));
    private final Drivers drivers;

    // Guarded by this.
    private final Map<String, Alert> open = new LinkedHashMap<>();
    private final Switchboard switches;
    private final Silences silences;
    private boolean closed;
    /** The next look at the time. */
    private @Nullable Future<?> wake;

    /** What an earlier run kept: outputs that were switched on and not seen off, and silences. */
    public record Memory(Map<String, byte[]> on, Map<String, byte[]> silences) {}

    /** The kinds of documents that {@link Memory} is made of. */
    public static final String KIND_ON = "output-on";

    public static final String KIND_SILENCE = Silences.KIND;

    /**
     * @param folder of the log
     * @param field where outputs are switched by a topic
     * @param standing alerts that are open already
     */
    public Outputs(
            Path folder,
            BrokerAddress field,
            String gateway,
            Memory memory,
            List<Alert> standing,
            Keeper keeper,
            Troubles troubles,
            AgentMetrics metrics,
            Clock clock,
            LongSupplier monotonicMs) {
        this.field = new FieldPublisher(field, gateway, this::fieldIsBack);
        this.coap = new CoapSender(metrics);
        this.drivers = new Drivers(new Reach(this.field, coap, new Programs()));
        this.log = new AlertLog(folder, AlertLog.MAX_BYTES, clock);
        this.switches = new Switchboard(keeper);
        this.troubles = troubles;
        this.clock = clock;
        this.monotonicMs = monotonicMs;
        this.silences = new Silences(keeper);
        recall(memory, standing);
        metrics.gauge("outputs", "In force", this::count);
        metrics.gauge("outputs.on", "Switched on now", () -> states(Switch::isOn));
        metrics.gauge("outputs.failing", "Could not be driven when last tried", () -> states(Switch::isFailing));
        metrics.gauge("outputs.orders", "Orders that reached their output since the start", driven::get);
        metrics.gauge("alert.log.lost", "Lines that the local log does not have", log::lost);
    }

    /**
     * What an earlier run kept and could not be read at the start; what is known meanwhile is newer.
     *
     * @param standing alerts that are open now
     */
    public final void recall(Memory memory, List<Alert> standing) {
        synchronized (this) {
            silences.recall(memory.silences(), monotonicMs.getAsLong(), clock.millis());
            standing.forEach(alert -> open.putIfAbsent(alert.id(), alert));
            memory.on().keySet().forEach(switches::mayBeOn);
        }
        settleSoon();
    }

    public void start() {
        field.start();
        settleSoon();
    }

    /** For orders to devices, which go the same ways. */
    public FieldPublisher field() {
        return field;
    }

    public CoapSender coap() {
        return coap;
    }

    /** An alert was raised or cleared; does not wait. */
    public void onAlert(Alert alert) {
        synchronized (this) {
            if (alert.state() == AlertState.ACTIVE) {
                open.put(alert.id(), alert);
                if (open.size() > MAX_ALERTS) {
                    open.remove(open.keySet().iterator().next());
                }
                // Its order must not wait for the turn of one that failed before it.
                switches.inForce().stream()
                        .filter(one -> one.output().isFor(alert))
                        .forEach(Switch::hurry);
            } else {
                open.remove(alert.id());
                silences.cleared(alert.id());
            }
        }
        log.add(alert.state() == AlertState.ACTIVE ? "raised" : "cleared", null, alert, null);
        settleSoon();
    }

    private void fieldIsBack() {
        synchronized (this) {
            switches.all().stream()
                    .filter(one -> one.output().driver() instanceof Output.Driver.Mqtt)
                    .forEach(Switch::hurry);
        }
        settleSoon();
    }

    /** Puts these outputs in force; those that are not among them are switched off. */
    public void apply(GatewaySettings settings) {
        synchronized (this) {
            switches.apply(settings.outputs()).forEach(this::clearTrouble);
        }
        settleSoon();
    }

    /** The trouble of an earlier run stands: it ends when the output is driven, or is no more. */
    public void inTrouble(String name) {
        synchronized (this) {
            Switch one = switches.find(name);
            if (one == null) {
                troubles.told(name, null);
            } else {
                one.inTrouble(true);
            }
        }
    }

    /**
     * Silences the alerts that stand.
     *
     * @param name of an output; nothing for all
     * @param forMs 0 for as long as they stand
     * @return names of the outputs it is about
     * @throws IllegalArgumentException when there is no such output, or it cannot be silenced
     */
    public List<String> silence(@Nullable String name, long forMs) {
        List<String> about = new ArrayList<>();
        synchronized (this) {
            if (name != null && switches.find(name) == null) {
                throw new IllegalArgumentException("no output is called '" + name + "'");
            }
            for (Switch one : switches.inForce()) {
                if (!one.name().equals(name) && name != null) {
                    continue;
                }
                if (!one.output().silenceable() && name != null) {
                    throw new IllegalArgumentException("the output " + name + " cannot be silenced");
                }
                Set<String> standing = open.values().stream()
                        .filter(one.output()::isFor)
                        .map(Alert::id)
                        .collect(Collectors.toSet());
                if (one.output().silenceable() && !standing.isEmpty()) {
                    silences.silence(one.name(), standing, forMs, monotonicMs.getAsLong(), clock.millis());
                    about.add(one.name());
                }
            }
        }
        about.forEach(
                output -> log.add("silenced", output, null, forMs == 0 ? null : "for " + forMs / 60_000 + " min"));
        settleSoon();
        return about;
    }

    /** Drives the outputs that sound for drills, for a moment; waits until it is known of each how it went. */
    public Map<String, String> test() throws InterruptedException {
        synchronized (this) {
            List<Switch> tested = switches.inForce().stream()
                    .filter(one -> one.output().drills())
                    .toList();
            long now = monotonicMs.getAsLong();
            tested.forEach(one -> {
                one.test(now + TEST_MS);
                log.add("test", one.name(), null, null);
            });
            settleSoon();
            long giveUpMs = now + TEST_PATIENCE_MS;
            while (!closed && tested.stream().anyMatch(one -> one.testResult() == null)) {
                long leftMs = giveUpMs - monotonicMs.getAsLong();
                if (leftMs <= 0) {
                    break;
                }
                wait(leftMs);
            }
            Map<String, String> results = new LinkedHashMap<>();
            tested.forEach(one -> {
                String result = one.testResult();
                results.put(one.name(), result == null ? "no answer" : result);
            });
            return results;
        }
    }

    /** How each output stands. */
    public synchronized Map<String, String> states() {
        Map<String, String> states = new LinkedHashMap<>();
        switches.inForce().forEach(one -> states.put(one.name(), one.state()));
        return states;
    }

    private synchronized long states(java.util.function.Predicate<Switch> asked) {
        return switches.inForce().stream().filter(asked).count();
    }

    private synchronized int count() {
        return switches.inForce().size();
    }

    private void settleSoon() {
        if (settling.compareAndSet(false, true)) {
            try {
                thread.execute(new Chore(this::settle));
            } catch (RejectedExecutionException e) {
                LOG.debug("closed", e);
            }
        }
    }

    private void settle() {
        settling.set(false);
        synchronized (this) {
            long now = monotonicMs.getAsLong();
            long dueMs = silences.nextEndMs(now);
            switches.forgetGone();
            for (Switch one : switches.all()) {
                if (!one.isFailing()) {
                    clearTrouble(one);
                }
                Switch.Wanted wanted = one.next(causes(one, now), now);
                if (wanted != null) {
                    drive(one, wanted);
                }
                dueMs = Math.min(dueMs, one.dueAtMs(now));
            }
            if (dueMs != Long.MAX_VALUE && !closed) {
                if (wake != null) {
                    wake.cancel(false);
                }
                wake = thread.schedule(this::settleSoon, Math.max(1, dueMs - now), TimeUnit.MILLISECONDS);
            }
        }
    }

    private List<Alert> causes(Switch one, long nowMs) {
        return open.values().stream()
                .filter(one.output()::isFor)
                .filter(alert -> !silences.covers(one.output(), alert.id(), nowMs))
                .toList();
    }

    private void drive(Switch one, Switch.Wanted wanted) {
        Order order = new Order(one.name(), wanted.on(), wanted.cause(), clock.instant());
        Output.Driver driver = one.output().driver();
        if (wanted.on()) {
            switches.switchedOn(one.name());
        }
        one.driving();
        if (!drivers.carry(driver, order, failure -> carried(one, wanted, order, failure))) {
            one.failed("too many outputs are being driven", monotonicMs.getAsLong());
        }
    }

    private void carried(Switch one, Switch.Wanted wanted, Order order, @Nullable String failure) {
        synchronized (this) {
            if (failure == null) {
                done(one, wanted, order);
            } else {
                failed(one, order, failure);
            }
            notifyAll();
        }
        settleSoon();
    }

    private void done(Switch one, Switch.Wanted wanted, Order order) {
        one.done(wanted);
        driven.incrementAndGet();
        log.add(order.state(), order.output(), order.alert(), null);
        // A successor of the same name may have been switched on meanwhile.
        Switch inForce = switches.find(order.output());
        if (!wanted.on() && (inForce == one || inForce == null)) {
            switches.seenOff(order.output());
        }
    }

    private void failed(Switch one, Order order, String why) {
        boolean tell = one.failed(why, monotonicMs.getAsLong());
        if (one.firstFailure()) {
            LOG.warn("the output {} could not be switched {}: {}", order.output(), order.state(), why);
            log.add("failed", order.output(), order.alert(), why);
        }
        if (tell && switches.find(one.name()) == one) {
            one.inTrouble(one.isInTrouble() || troubles.told(one.name(), why));
        }
    }

    private void clearTrouble(Switch one) {
        if (one.isInTrouble() && troubles.told(one.name(), null)) {
            one.inTrouble(false);
        }
    }

    /** Leaves the outputs as they are: an alarm does not end because the agent does. */
    @Override
    public void close() {
        synchronized (this) {
            closed = true;
            notifyAll();
        }
        thread.shutdownNow();
        drivers.close();
        field.close();
        coap.close();
        log.close();
    }
}
