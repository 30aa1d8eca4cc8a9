package dev.tocsin.agent.command;

import dev.tocsin.agent.observe.AgentMetrics;
import dev.tocsin.agent.spool.Spool;
import dev.tocsin.profiles.command.Command;
import dev.tocsin.profiles.command.CommandReply;
import dev.tocsin.profiles.command.CommandReply.Result;
import dev.tocsin.profiles.desired.DesiredJson;
import dev.tocsin.profiles.profile.LocalText;
import java.io.IOException;
import java.time.Clock;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes commands, and carries out each at most once: what it is about to do is on disk before it is done, and what was
 * begun and not ended by a run of the agent is reported as failed by the next. A command is too late when its deadline
 * has passed by this gateway's clock, or, by elapsed time, the expiry that its message came with; where the clock was
 * never set, the expiry alone decides, and a command without one is not carried out. While the disk refuses
 * none is taken: nobody is told, so it comes again as long as there is time. One thread does it all, one after
 * the other.
 */
public final class CommandDesk implements AutoCloseable {
    /** Commands that wait; more are not taken, and come again when nobody has answered them. */
    static final int MAX_WAITING = 16;

    private static final long SAY_AGAIN_MS = 1_000;

    private static final Logger LOG = LoggerFactory.getLogger(CommandDesk.class);
    private static final LocalText INTERRUPTED = new LocalText(
            "The agent ended while it carried the command out; whether it was done is not known.",
            "执行过程中网关程序中断，无法确定命令是否完成。");
    private static final LocalText TOO_LATE = new LocalText("Its deadline had passed.", "已超过执行期限。");
    private static final LocalText CLOCK_UNKNOWN = new LocalText(
            "The gateway's clock was never set, and the message told no expiry, so nobody knows whether it is too late.",
            "网关时钟尚未校准，且消息未带有效期，无法判断是否过期。");

    private final Ledger ledger;
    private final Map<Command.Kind, Action> actions;
    private final Runnable restart;
    private final Clock clock;
    private final BooleanSupplier clockKnown;
    private final LongSupplier monotonicMs;
    private final BlockingQueue<Task> waiting = new ArrayBlockingQueue<>(MAX_WAITING);
    private final AtomicLong carriedOut = new AtomicLong();
    private final AtomicLong refused = new AtomicLong();
    private final AtomicLong expired = new AtomicLong();
    private final AtomicLong repeated = new AtomicLong();
    private final Thread thread = new Thread(this::run, "commands");
    private volatile boolean stopping;

    /** Of an earlier run's commands among the spool's documents. */
    public static final String KIND_COMMAND = Ledger.KIND;

    /** For the desk's thread. */
    private interface Task {
        void run() throws InterruptedException;
    }

    /** @param expiresAtMs monotonic clock; {@link Long#MAX_VALUE} where the message told none */
    private record Taken(Command command, Instant received, long expiresAtMs) {}

    /** What is left of a command that cannot be read. */
    private record OnlyId(String id) {}

    /** @param restart ends the process; the reply is on disk by then, and with a broker at hand delivered */
    CommandDesk(
            Spool spool,
            Map<Command.Kind, Action> actions,
            Runnable restart,
            AgentMetrics metrics,
            Clock clock,
            BooleanSupplier clockKnown,
            LongSupplier monotonicMs) {
        this.ledger = new Ledger(spool);
        this.actions = Map.copyOf(actions);
        this.restart = restart;
        this.clock = clock;
        this.clockKnown = clockKnown;
        this.monotonicMs = monotonicMs;
        metrics.gauge("commands.carried.out", "Since the start", carriedOut::get);
        metrics.gauge("commands.refused", "Not readable, more than wait, or the disk refuses", refused::get);
        metrics.gauge("commands.expired", "Came after their deadline", expired::get);
        metrics.gauge("commands.repeated", "Came again and were answered as before", repeated::get);
    }

    public void start() {
        thread.start();
    }

    /** A disk that could not be read at the start can be now. Does not wait; any thread. */
    public void recall() {
        ledger.readAgain();
    }

    /**
     * Takes one message; does not wait.
     *
     * @param expirySeconds what was left of the message's expiry when it was delivered; nothing where it has none
     */
    public void received(byte[] payload, @Nullable Long expirySeconds) {
        Instant now = clock.instant();
        long expiresAtMs = expirySeconds == null ? Long.MAX_VALUE : monotonicMs.getAsLong() + expirySeconds * 1_000;
        try {
            Taken taken = new Taken(Command.read(payload), now, expiresAtMs);
            queue(taken.command().id(), () -> handle(taken));
        } catch (IllegalArgumentException e) {
            refused.incrementAndGet();
            LOG.warn("a command cannot be read: {}", e.getMessage());
            sayUnreadable(payload, now, String.valueOf(e.getMessage()));
        }
    }

    private void queue(String id, Task task) {
        if (!waiting.offer(task)) {
            refused.incrementAndGet();
            LOG.warn("command {} is not taken: {} wait already", id, MAX_WAITING);
        }
    }

    private void sayUnreadable(byte[] payload, Instant now, String why) {
        try {
            String id = DesiredJson.read(payload, OnlyId.class).id();
            LocalText text = new LocalText("The gateway cannot read the command: " + why, "网关无法识别该命令：" + why);
            CommandReply reply = new CommandReply(id, Result.FAILED, text, Map.of(), now, now);
            queue(id, () -> {
                CommandReply said = ledger.find(id);
                say(said == null ? reply : said);
            });
        } catch (IllegalArgumentException e) {
            // Not even an id: nobody can be told but the log, which was.
            LOG.debug("no id", e);
        }
    }

    private void run() {
        try {
            while (!stopping) {
                takeUpEarlierRuns();
                Task task = waiting.poll(500, TimeUnit.MILLISECONDS);
                if (task != null) {
                    task.run();
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void takeUpEarlierRuns() throws InterruptedException {
        for (CommandReply begun : ledger.takeUp()) {
            sayAtLast(reply(begun.command(), Result.FAILED, INTERRUPTED, Map.of(), begun.received()));
        }
    }

    private void handle(Taken taken) throws InterruptedException {
        Command command = taken.command();
        CommandReply said = ledger.find(command.id());
        if (said != null) {
            repeated.incrementAndGet();
            ledger.repeat(said);
            return;
        }
        LocalText late = tooLate(taken);
        if (late == null && !say(reply(command.id(), Result.ACCEPTED, null, Map.of(), taken.received()))) {
            refused.incrementAndGet();
            LOG.warn("command {} ({}) is not taken: the disk refuses", command.id(), command.kind());
            return;
        }
        // A disk that could not be read until this commit may know that an earlier run had it.
        takeUpEarlierRuns();
        said = ledger.find(command.id());
        if (said != null && said.result() != Result.ACCEPTED) {
            repeated.incrementAndGet();
            sayAtLast(said);
            return;
        }
        // Its commit may have taken long.
        late = late == null ? tooLate(taken) : late;
        if (late != null) {
            expired.incrementAndGet();
            LOG.warn("command {} ({}) is not carried out: {}", command.id(), command.kind(), late.en());
            sayAtLast(reply(command.id(), Result.EXPIRED, late, Map.of(), taken.received()));
            return;
        }
        Outcome outcome = carryOut(command);
        carriedOut.incrementAndGet();
        LOG.info("command {} ({}): {}", command.id(), command.kind(), outcome.done() ? "done" : "failed");
        sayAtLast(reply(
                command.id(),
                outcome.done() ? Result.DONE : Result.FAILED,
                outcome.text(),
                outcome.data(),
                taken.received()));
        if (outcome.done() && command.kind() == Command.Kind.RESTART) {
            ledger.awaitDelivered();
            restart.run();
        }
    }

    private @Nullable LocalText tooLate(Taken taken) {
        if (monotonicMs.getAsLong() > taken.expiresAtMs()) {
            return TOO_LATE;
        }
        if (clockKnown.getAsBoolean()) {
            return clock.instant().isAfter(taken.command().deadline()) ? TOO_LATE : null;
        }
        return taken.expiresAtMs() == Long.MAX_VALUE ? CLOCK_UNKNOWN : null;
    }

    private Outcome carryOut(Command command) throws InterruptedException {
        Action action = actions.get(command.kind());
        if (action == null) {
            return Outcome.failed("This gateway does not know how to do it.", "该网关不支持此命令。");
        }
        try {
            return action.carryOut(command);
        } catch (IllegalArgumentException | IOException e) {
            return Outcome.failed(String.valueOf(e.getMessage()), "执行失败：" + e.getMessage());
        } catch (RuntimeException e) {
            LOG.error("command {} ({}) failed", command.id(), command.kind(), e);
            return Outcome.failed("The agent failed at it: " + e, "网关程序出错：" + e);
        }
    }

    private CommandReply reply(
            String id, Result result, @Nullable LocalText text, Map<String, String> data, Instant received) {
        return new CommandReply(id, result, text, data, received, clock.instant());
    }

    private boolean say(CommandReply reply) throws InterruptedException {
        return ledger.note(reply);
    }

    /** Of what was accepted the cloud hears how it ended; where this run ends first, from the next one. */
    private void sayAtLast(CommandReply reply) throws InterruptedException {
        while (!say(reply)) {
            TimeUnit.MILLISECONDS.sleep(SAY_AGAIN_MS);
        }
    }

    @Override
    public void close() {
        stopping = true;
        thread.interrupt();
        try {
            thread.join(2_000);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
