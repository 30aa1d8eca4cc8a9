package dev.tocsin.stream.archive;

import dev.tocsin.profiles.reading.DeviceReadings;
import java.util.ArrayList;
import java.util.List;

/** Readings of one device with the whole of their identity: gateway, epoch and, inside, their sequences. */
record Part(Spool spool, DeviceReadings readings) {

    /** One spool file of one gateway. Ordered so that writers lock the ledger in the same order. */
    record Spool(String gateway, String epoch) implements Comparable<Spool> {
        @Override
        public int compareTo(Spool other) {
            int byGateway = gateway.compareTo(other.gateway);
            return byGateway != 0 ? byGateway : epoch.compareTo(other.epoch);
        }
    }

    int rows() {
        return readings.count();
    }

    static int rows(List<Part> parts) {
        int rows = 0;
        for (Part part : parts) {
            rows += part.rows();
        }
        return rows;
    }

    /** Rows {@code from} (inclusive) to {@code to} (exclusive) of a batch, counted over its parts. */
    static List<Part> slice(List<Part> parts, int from, int to) {
        List<Part> slice = new ArrayList<>();
        int start = 0;
        for (Part part : parts) {
            int first = Math.max(from - start, 0);
            int last = Math.min(to - start, part.rows());
            if (first < last) {
                slice.add(new Part(part.spool, part.readings.slice(first, last)));
            }
            start += part.rows();
        }
        return slice;
    }
}
