package dev.tocsin.stream.archive;

import dev.tocsin.profiles.reading.DeviceReadings;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;

/**
 * The newest reading of each series among the rows of one transaction, and its way into {@code sensing.last_value}. Of
 * one instant the reading received last counts. What was measured goes before every recording that is played, and a
 * reading from the future does not count. Written in the order of the ids, so that two writers never wait for
 * each other in a circle.
 */
final class LastValues {
    private static final String KEEP_NEWEST = """
            insert into sensing.last_value as l (series, observed_at, received_at, value, quality, replayed)
            select series, 'epoch'::timestamptz + observed_ms * interval '1 millisecond',
                   'epoch'::timestamptz + received_ms * interval '1 millisecond', value, quality, replayed
            from unnest(?::int4[], ?::int8[], ?::int8[], ?::float8[], ?::int2[], ?::bool[])
                 as n(series, observed_ms, received_ms, value, quality, replayed)
            on conflict (series) do update
            set observed_at = excluded.observed_at, received_at = excluded.received_at,
                value = excluded.value, quality = excluded.quality, replayed = excluded.replayed
            where (not excluded.replayed, excluded.observed_at, excluded.received_at)
                  >= (not l.replayed, l.observed_at, l.received_at)""";
    /** A reading from further ahead of its own arrival would be the last one until then. */
    static final long MAX_AHEAD_MS = 60_000;

    private final Map<Integer, At> newest = new TreeMap<>();

    private record At(DeviceReadings readings, int row) {
        boolean isBefore(DeviceReadings other, int otherRow) {
            if (readings.replayed() != other.replayed()) {
                return readings.replayed();
            }
            long observed = readings.observedAtMs()[row];
            long otherObserved = other.observedAtMs()[otherRow];
            return observed < otherObserved
                    || (observed == otherObserved && readings.receivedAtMs()[row] <= other.receivedAtMs()[otherRow]);
        }
    }

    /** @param series id by metric index */
    void see(DeviceReadings readings, int[] series) {
        int[] newestRow = new int[series.length];
        Arrays.fill(newestRow, -1);
        for (int i = 0; i < readings.count(); i++) {
            if (readings.observedAtMs()[i] > readings.receivedAtMs()[i] + MAX_AHEAD_MS) {
                continue;
            }
            int metric = readings.metric()[i];
            if (newestRow[metric] < 0 || new At(readings, newestRow[metric]).isBefore(readings, i)) {
                newestRow[metric] = i;
            }
        }
        for (int metric = 0; metric < newestRow.length; metric++) {
            int row = newestRow[metric];
            if (row >= 0) {
                newest.merge(
                        series[metric],
                        new At(readings, row),
                        (one, other) -> one.isBefore(other.readings, other.row) ? other : one);
            }
        }
    }

    void save(Connection connection) throws SQLException {
        int count = newest.size();
        Integer[] series = newest.keySet().toArray(new Integer[0]);
        Long[] observedMs = new Long[count];
        Long[] receivedMs = new Long[count];
        Double[] value = new Double[count];
        Short[] quality = new Short[count];
        Boolean[] replayed = new Boolean[count];
        int i = 0;
        for (At at : newest.values()) {
            observedMs[i] = at.readings.observedAtMs()[at.row];
            receivedMs[i] = at.readings.receivedAtMs()[at.row];
            value[i] = at.readings.value()[at.row];
            quality[i] = (short) at.readings.quality()[at.row];
            replayed[i] = at.readings.replayed();
            i++;
        }
        try (PreparedStatement keep = connection.prepareStatement(KEEP_NEWEST)) {
            keep.setArray(1, connection.createArrayOf("int4", series));
            keep.setArray(2, connection.createArrayOf("int8", observedMs));
            keep.setArray(3, connection.createArrayOf("int8", receivedMs));
            keep.setArray(4, connection.createArrayOf("float8", value));
            keep.setArray(5, connection.createArrayOf("int2", quality));
            keep.setArray(6, connection.createArrayOf("bool", replayed));
            keep.executeUpdate();
        }
    }
}
