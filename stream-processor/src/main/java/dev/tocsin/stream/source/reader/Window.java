package dev.tocsin.stream.source.reader;

import java.io.Serializable;

/**
 * How much of one split may be in the job without being covered by a completed checkpoint.
 *
 * @param receiveMaximum messages un-acknowledged, 1 to 65,535; with one checkpoint every {@code i} seconds a split
 *     carries at most {@code receiveMaximum / i} messages a second
 * @param queuedBytes payload received and not yet taken by Flink; beyond it the connection is not read
 */
public record Window(int receiveMaximum, long queuedBytes) implements Serializable {
    public Window {
        if (receiveMaximum < 1 || receiveMaximum > 65_535) {
            throw new IllegalArgumentException("receive maximum " + receiveMaximum + " is not within 1 to 65535");
        }
        if (queuedBytes < 1) {
            throw new IllegalArgumentException("queue of " + queuedBytes + " bytes");
        }
    }
}
