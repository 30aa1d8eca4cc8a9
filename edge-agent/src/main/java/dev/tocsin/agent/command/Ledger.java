package dev.tocsin.agent.command;

import dev.tocsin.agent.spool.KeptDocuments;
import dev.tocsin.agent.spool.Spool;
import dev.tocsin.agent.spool.SpoolReader;
import dev.tocsin.agent.spool.WriterThread;
import dev.tocsin.profiles.command.CommandReply;
import dev.tocsin.profiles.desired.DesiredJson;
import dev.tocsin.profiles.wire.Lane;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * The newest commands by id, with what was last said of each: on disk in the commit that holds the reply, so that a
 * command is never carried out twice and always answered alike. For the desk's thread, but for {@link #readAgain}.
 */
final class Ledger {
    static final String KIND = "command";
    /** Of more, the eldest is forgotten; its deadline is over by then, as no gateway is sent so many in a day. */
    static final int MAX_REMEMBERED = 512;

    private static final Duration PATIENCE = Duration.ofSeconds(10);
    private static final Duration DELIVERY = Duration.ofSeconds(5);

    private final Spool spool;
    private final WriterThread writer;
    private final Map<String, CommandReply> byId = new LinkedHashMap<>();
    /** What earlier runs kept and this one has not taken up yet. */
    private final AtomicReference<Map<String, byte[]>> kept = new AtomicReference<>(Map.of());

    Ledger(Spool spool) {
        this.spool = spool;
        this.writer = new WriterThread(spool, PATIENCE);
        readAgain();
    }

    /** Reads what earlier runs kept; once more when a disk could not be read at the start and can be now. Any thread. */
    void readAgain() {
        kept.set(spool.kept(KIND));
    }

    /**
     * From now on this knows what was read. It holds against what was said without knowing it: while the disk cannot be
     * read, nothing is carried out.
     *
     * @return those that were accepted and of which nothing more is known
     */
    List<CommandReply> takeUp() {
        Map<String, CommandReply> earlier = KeptDocuments.read(kept.getAndSet(Map.of()), CommandReply::read);
        if (earlier.isEmpty()) {
            return List.of();
        }
        byId.putAll(earlier);
        List<CommandReply> inOrder = byId.values().stream()
                .sorted(Comparator.comparing(CommandReply::received))
                .toList();
        byId.clear();
        inOrder.forEach(reply -> byId.put(reply.command(), reply));
        return earlier.values().stream()
                .filter(reply -> reply.result() == CommandReply.Result.ACCEPTED)
                .toList();
    }

    @Nullable
    CommandReply find(String id) {
        return byId.get(id);
    }

    /**
     * Says it and remembers it, in one commit, for which it waits as long as the disk takes once it is begun.
     *
     * @return false when neither was done, nor will be
     */
    boolean note(CommandReply reply) throws InterruptedException {
        List<String> others = new ArrayList<>(byId.keySet());
        others.remove(reply.command());
        List<String> forgotten = others.subList(0, Math.max(0, others.size() + 1 - MAX_REMEMBERED));
        // What was asked for is told once; a repeated delivery gets the answer without it.
        CommandReply remembered =
                new CommandReply(reply.command(), reply.result(), reply.text(), Map.of(), reply.received(), reply.at());
        byte[] kept = DesiredJson.write(remembered);
        boolean noted = writer.runOrNever(draft -> {
            draft.message(Lane.REPLY, DesiredJson.write(reply));
            draft.keep(KIND, reply.command(), kept);
            forgotten.forEach(eldest -> draft.keep(KIND, eldest, null));
        });
        if (noted) {
            // As the newest.
            byId.remove(reply.command());
            byId.put(reply.command(), reply);
            forgotten.forEach(byId::remove);
        }
        return noted;
    }

    /** The same reply once more. */
    boolean repeat(CommandReply reply) throws InterruptedException {
        return writer.run(draft -> draft.message(Lane.REPLY, DesiredJson.write(reply)));
    }

    /** Waits until the broker has every reply, or for as long as a restart may wait for that. */
    void awaitDelivered() throws InterruptedException {
        long giveUp = System.nanoTime() + DELIVERY.toNanos();
        try (SpoolReader reader = spool.reader()) {
            while (!reader.messages(Lane.REPLY, 0, 1).isEmpty() && System.nanoTime() < giveUp) {
                TimeUnit.MILLISECONDS.sleep(50);
            }
        }
    }
}
