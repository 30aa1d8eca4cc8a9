package dev.tocsin.agent.uplink;

import dev.tocsin.agent.spool.SpoolReader;
import dev.tocsin.profiles.wire.Lane;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/** Messages of one lane, a parcel each, as soon as they are on disk. */
final class MessageSource implements Source {
    private static final int READ_AHEAD = 32;

    private final SpoolReader reader;
    private final Lane lane;
    private final AtomicBoolean maybeMore;
    private final Deque<SpoolReader.Message> ahead = new ArrayDeque<>();
    private long readUpTo;

    /** @param maybeMore set by whoever committed messages */
    MessageSource(SpoolReader reader, Lane lane, AtomicBoolean maybeMore) {
        this.reader = reader;
        this.lane = lane;
        this.maybeMore = maybeMore;
    }

    @Override
    public @Nullable Parcel next(long nowMs) {
        if (ahead.isEmpty() && maybeMore.getAndSet(false)) {
            ahead.addAll(reader.messages(lane, readUpTo, READ_AHEAD));
            if (ahead.size() == READ_AHEAD) {
                maybeMore.set(true);
            }
            if (!ahead.isEmpty()) {
                readUpTo = ahead.getLast().id();
            }
        }
        SpoolReader.Message message = ahead.poll();
        return message == null
                ? null
                : new Parcel(message.id(), message.body(), List.of(), List.of(message.id()), List.of());
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
