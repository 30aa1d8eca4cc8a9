package dev.tocsin.stream.source.reader;

import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;

/**
 * Which message ids wait for which checkpoint. Ids are good on the connection that delivered them only: with the first
 * message of a newer connection everything older is forgotten, because the broker sends it again. Not bounded by itself:
 * a broker never sends more than the Receive Maximum without an acknowledgement. For one thread.
 */
final class AckLedger {
    private static final int[] NONE = new int[0];

    /** Ids taken before the barrier of one checkpoint and after that of the one before. */
    private record Closed(long checkpointId, int[] ids) {}

    private final Deque<Closed> closed = new ArrayDeque<>();
    private int[] open = new int[64];
    private int openSize;
    private int closedSize;
    private long connection;

    /** A message was handed to Flink. */
    void taken(long onConnection, int messageId) {
        if (onConnection > connection) {
            connection = onConnection;
            closed.clear();
            closedSize = 0;
            openSize = 0;
        }
        if (onConnection < connection) {
            return;
        }
        if (openSize == open.length) {
            open = Arrays.copyOf(open, openSize * 2);
        }
        open[openSize++] = messageId;
    }

    /** The barrier of this checkpoint passes: what was taken so far is covered by it. */
    void barrier(long checkpointId) {
        if (openSize == 0) {
            return;
        }
        closed.addLast(new Closed(checkpointId, Arrays.copyOf(open, openSize)));
        closedSize += openSize;
        openSize = 0;
    }

    /** Ids that may be acknowledged on {@link #connection()} now that this checkpoint is complete, in their order. */
    int[] completed(long checkpointId) {
        int[] ids = NONE;
        while (!closed.isEmpty() && closed.getFirst().checkpointId() <= checkpointId) {
            int[] more = closed.removeFirst().ids();
            closedSize -= more.length;
            int at = ids.length;
            ids = at == 0 ? more : Arrays.copyOf(ids, at + more.length);
            if (at > 0) {
                System.arraycopy(more, 0, ids, at, more.length);
            }
        }
        return ids;
    }

    /** The connection that the ids belong to. */
    long connection() {
        return connection;
    }

    /** Messages taken and not yet free to be acknowledged. */
    int waiting() {
        return openSize + closedSize;
    }
}
