package dev.tocsin.agent.uplink;

import dev.tocsin.agent.spool.SpoolException;
import dev.tocsin.agent.spool.SpoolReader;
import dev.tocsin.profiles.wire.Lane;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Messages of one lane, a parcel each, as soon as they are on disk. Of alerts, a raise whose clearance waits too is left
 * out: nobody is to be called for what is over, and the clearance tells it all.
 */
final class MessageSource implements Source {
    private static final int READ_AHEAD = 32;
    /** A raise and its clearance that lie further apart are both sent. */
    private static final int ALERTS_AHEAD = 1_000;

    private final SpoolReader reader;
    private final Lane lane;
    private final AtomicBoolean maybeMore;
    private final Consumer<List<Long>> drop;
    private final Deque<SpoolReader.Message> ahead = new ArrayDeque<>();
    private long readUpTo;

    /**
     * @param maybeMore set by whoever committed messages
     * @param drop takes ids of messages that need not be sent any more
     */
    MessageSource(SpoolReader reader, Lane lane, AtomicBoolean maybeMore, Consumer<List<Long>> drop) {
        this.reader = reader;
        this.lane = lane;
        this.maybeMore = maybeMore;
        this.drop = drop;
    }

    @Override
    public @Nullable Parcel next(long nowMs) {
        if (ahead.isEmpty() && maybeMore.getAndSet(false)) {
            int window = lane == Lane.ALERT ? ALERTS_AHEAD : READ_AHEAD;
            List<SpoolReader.Message> read = read(window);
            if (read.size() == window) {
                maybeMore.set(true);
            }
            if (!read.isEmpty()) {
                readUpTo = read.get(read.size() - 1).id();
            }
            Set<Long> over = lane == Lane.ALERT ? Overtaken.in(read) : Set.of();
            read.stream().filter(message -> !over.contains(message.id())).forEach(ahead::add);
            if (!over.isEmpty()) {
                drop.accept(List.copyOf(over));
            }
        }
        SpoolReader.Message message = ahead.poll();
        return message == null
                ? null
                : new Parcel(message.id(), message.body(), List.of(), List.of(message.id()), List.of());
    }

    /** What cannot be read now is still there. */
    private List<SpoolReader.Message> read(int window) {
        try {
            return reader.messages(lane, readUpTo, window);
        } catch (SpoolException e) {
            maybeMore.set(true);
            throw e;
        }
    }

    @Override
    public long dueInMs(long nowMs) {
        return Long.MAX_VALUE;
    }

    @Override
    public void rewind(long first) {
        ahead.clear();
        readUpTo = first - 1;
        maybeMore.set(true);
    }

    @Override
    public void resumed(long stoodMs) {
        // Messages are as urgent as they were.
    }
}
