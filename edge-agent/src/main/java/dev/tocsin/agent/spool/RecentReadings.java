package dev.tocsin.agent.spool;

import java.util.Comparator;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The readings each device sent lately, so that its own re-send (same metric, time and value) is stored once. A window
 * holds the last {@link #PER_DEVICE} to twice as many readings of a device; when all windows together need more than
 * {@link #MAX_BYTES}, the largest gives up its older half. For one thread.
 */
final class RecentReadings {
    /** A recording of 20,000 readings played twice fits. */
    static final int PER_DEVICE = 24_576;

    static final int MAX_BYTES = 6 * 1024 * 1024;

    private final Map<String, Window> windows = new HashMap<>();
    /** Of every device, from before the start. */
    private final LongSet beforeStart;

    private long bytes;

    RecentReadings(long[] beforeStart) {
        this.beforeStart = new LongSet(beforeStart.length * 2);
        for (long hash : beforeStart) {
            this.beforeStart.add(hash);
        }
    }

    /** Two generations: the younger fills up, then takes the place of the older. */
    private static final class Window {
        private LongSet young = new LongSet(8);
        private @Nullable LongSet old;

        int bytes() {
            LongSet older = old;
            return young.bytes() + (older == null ? 0 : older.bytes());
        }

        boolean contains(long hash) {
            LongSet older = old;
            return young.contains(hash) || (older != null && older.contains(hash));
        }

        void turn() {
            old = young;
            young = new LongSet(8);
        }

        /** The older generation, or the only one. */
        void dropOldest() {
            if (old == null) {
                young = new LongSet(8);
            }
            old = null;
        }
    }

    boolean contains(String device, long hash) {
        Window window = windows.get(device);
        return (window != null && window.contains(hash)) || beforeStart.contains(hash);
    }

    void add(String device, long hash) {
        Window window = windows.computeIfAbsent(device, d -> new Window());
        int before = window.bytes();
        if (window.young.size() >= PER_DEVICE) {
            window.turn();
        }
        window.young.add(hash);
        bytes += window.bytes() - before;
        while (bytes > MAX_BYTES) {
            shrinkLargest();
        }
    }

    long bytes() {
        return bytes;
    }

    private void shrinkLargest() {
        Map.Entry<String, Window> largest = windows.entrySet().stream()
                .max(Comparator.comparingInt(entry -> entry.getValue().bytes()))
                .orElseThrow();
        int before = largest.getValue().bytes();
        largest.getValue().dropOldest();
        int after = largest.getValue().bytes();
        if (after >= before) {
            // Only the smallest windows are left: the devices are too many to remember all.
            windows.remove(largest.getKey());
            after = 0;
        }
        bytes -= before - after;
    }
}
