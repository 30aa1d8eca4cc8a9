package dev.tocsin.profiles.wire;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * A set of sequence numbers kept as ranges, sorted and never touching each other. Small as long as what arrives is
 * nearly contiguous, which eviction reports see to. Mutable, for one thread; a Flink POJO.
 */
public final class Sequences {
    /** Pairs first, last (both inclusive), ascending; only the first {@code 2 * size} entries count. */
    public long[] bounds = new long[4];

    public int size;

    public Sequences() {}

    /** The last sequence there may be, so that neither the one after it nor a count can overflow. */
    public static final long LAST = 1L << 62;

    /** Both ends belong to the range; within 0 to {@link #LAST}. */
    public record Range(long first, long last) {
        public Range {
            if (first < 0 || last > LAST) {
                throw new IllegalArgumentException("range " + first + ".." + last + " is not within 0.." + LAST);
            }
            if (first > last) {
                throw new IllegalArgumentException("range " + first + ".." + last + " is empty");
            }
        }
    }

    public boolean contains(long sequence) {
        int i = firstEndingAtOrAfter(sequence);
        return i < size && bounds[2 * i] <= sequence;
    }

    /** Adds {@code first..last} and returns those parts of it that were not there yet, ascending. */
    public List<Range> add(long first, long last) {
        List<Range> fresh = missing(first, last);
        if (!fresh.isEmpty()) {
            insert(first, last);
        }
        return fresh;
    }

    /** Those parts of {@code first..last} that are not in the set, ascending. */
    public List<Range> missing(long first, long last) {
        List<Range> missing = new ArrayList<>(1);
        long next = first;
        for (int i = firstEndingAtOrAfter(first); i < size && bounds[2 * i] <= last; i++) {
            if (bounds[2 * i] > next) {
                missing.add(new Range(next, bounds[2 * i] - 1));
            }
            next = bounds[2 * i + 1] + 1;
        }
        if (next <= last) {
            missing.add(new Range(next, last));
        }
        return missing;
    }

    public List<Range> ranges() {
        List<Range> ranges = new ArrayList<>(size);
        for (int i = 0; i < size; i++) {
            ranges.add(new Range(bounds[2 * i], bounds[2 * i + 1]));
        }
        return ranges;
    }

    /** Index of the first range whose end is at or after {@code sequence}. */
    private int firstEndingAtOrAfter(long sequence) {
        int low = 0;
        int high = size;
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (bounds[2 * middle + 1] < sequence) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low;
    }

    private void insert(long first, long last) {
        // Ranges that touch or overlap [first - 1, last + 1] melt into one.
        int from = firstEndingAtOrAfter(first - 1);
        int to = from;
        long newFirst = first;
        long newLast = last;
        while (to < size && bounds[2 * to] <= last + 1) {
            newFirst = Math.min(newFirst, bounds[2 * to]);
            newLast = Math.max(newLast, bounds[2 * to + 1]);
            to++;
        }
        int newSize = size - (to - from) + 1;
        if (2 * newSize > bounds.length) {
            bounds = Arrays.copyOf(bounds, Math.max(2 * newSize, bounds.length * 2));
        }
        System.arraycopy(bounds, 2 * to, bounds, 2 * (from + 1), 2 * (size - to));
        bounds[2 * from] = newFirst;
        bounds[2 * from + 1] = newLast;
        size = newSize;
    }
}
