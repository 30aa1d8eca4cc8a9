package dev.tocsin.agent.uplink;

import dev.tocsin.agent.spool.Spool;
import dev.tocsin.agent.spool.SpoolReader;
import dev.tocsin.profiles.wire.Sequences;
import dev.tocsin.profiles.wire.UplinkCodec;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The readings in the spool, parted into what is live and what an outage left behind: up to a sequence everything is
 * backlog, and after an outage that sequence is the newest. The two are read side by side. For the uplink's thread,
 * but for {@link #committed}.
 */
final class Readings {
    /** A block that waits this long goes out, however little there is. */
    static final long LIVE_EVERY_MS = 200;
    /** So much goes out at once. */
    static final int BATCH_BYTES = 64 * 1024;
    /** Live that stood still for longer than this is what an outage left behind. */
    static final long OUTAGE_MS = 3_000;

    private final Spool spool;
    private final SpoolReader reader;
    private final Part live = new Part(true);
    private final Part backlog = new Part(false);

    private boolean begun;
    private long backlogUntil;

    // Written by the spool's writer, guarded by this.
    private long pendingBytes;
    private long pendingSinceMs = Long.MAX_VALUE;
    private boolean flush;

    Readings(Spool spool, SpoolReader reader) {
        this.spool = spool;
        this.reader = reader;
    }

    /** What is in the file when it is opened is what an outage left behind. */
    private boolean begun() {
        if (!begun && spool.epoch() != null) {
            begun = true;
            backlogUntil = spool.lastSequence();
            live.cursor = backlogUntil;
        }
        return begun;
    }

    Source live() {
        return live;
    }

    Source backlog() {
        return backlog;
    }

    /** @return whether the uplink must look: live is due now, or its time begins to run */
    synchronized boolean committed(Spool.Commit commit, long nowMs) {
        boolean begins = commit.bytes() > 0 && pendingSinceMs == Long.MAX_VALUE;
        if (commit.bytes() > 0) {
            pendingBytes += commit.bytes();
            pendingSinceMs = Math.min(pendingSinceMs, nowMs);
        }
        flush |= commit.flush();
        return begins || flush || pendingBytes >= BATCH_BYTES;
    }

    private synchronized boolean takeDue(long nowMs) {
        boolean due = flush || pendingBytes >= BATCH_BYTES || nowMs - LIVE_EVERY_MS >= pendingSinceMs;
        if (due) {
            flush = false;
            pendingBytes = 0;
            pendingSinceMs = Long.MAX_VALUE;
        }
        return due;
    }

    private synchronized long liveDueInMs(long nowMs) {
        return pendingSinceMs == Long.MAX_VALUE ? Long.MAX_VALUE : Math.max(0, pendingSinceMs + LIVE_EVERY_MS - nowMs);
    }

    private final class Part implements Source {
        private final boolean isLive;
        private long cursor;
        /** Of live: everything up to here is due. */
        private long dueUpTo;

        Part(boolean isLive) {
            this.isLive = isLive;
        }

        @Override
        public @Nullable Parcel next(long nowMs) {
            String epoch = spool.epoch();
            if (epoch == null || !begun()) {
                return null;
            }
            if (isLive && takeDue(nowMs)) {
                dueUpTo = spool.lastSequence();
            }
            long upTo = isLive ? dueUpTo : backlogUntil;
            if (cursor >= upTo) {
                return null;
            }
            List<SpoolReader.Row> rows = reader.blocks(cursor, upTo, BATCH_BYTES);
            if (rows.isEmpty()) {
                cursor = upTo;
                return null;
            }
            if (rows.get(0).bodies().isEmpty()) {
                // The cloud is told that they will not come.
                spool.giveUp(
                        new Sequences.Range(rows.get(0).first(), rows.get(0).last()));
                cursor = rows.get(0).last();
                return next(nowMs);
            }
            List<byte[]> blocks = new ArrayList<>();
            rows.forEach(row -> blocks.addAll(row.bodies()));
            List<Sequences.Range> evicted = reader.evicted();
            long first = rows.get(0).first();
            cursor = rows.get(rows.size() - 1).last();
            return new Parcel(
                    first,
                    UplinkCodec.encodeBatch(epoch, evicted, blocks),
                    List.of(new Sequences.Range(first, cursor)),
                    List.of(),
                    evicted);
        }

        @Override
        public long dueInMs(long nowMs) {
            return isLive ? liveDueInMs(nowMs) : Long.MAX_VALUE;
        }

        @Override
        public void rewind(long first) {
            cursor = Math.min(cursor, first - 1);
        }

        @Override
        public void resumed(long stoodMs) {
            if (isLive && stoodMs > OUTAGE_MS && begun()) {
                backlogUntil = spool.lastSequence();
                cursor = backlogUntil;
            }
        }
    }
}
