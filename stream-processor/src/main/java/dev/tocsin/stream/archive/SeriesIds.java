package dev.tocsin.stream.archive;

import dev.tocsin.profiles.reading.DeviceReadings;
import java.sql.Array;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * Ids of (device, metric), remembered for the series used last. A new series is committed by itself before the rows
 * that name it, so that an id, once remembered, stays true. For one thread.
 */
final class SeriesIds {
    /** Two statements, for an insert that meets a conflict uses up an id, and ids are 4 bytes. */
    private static final String FIND = """
            select s.device, s.metric, s.id, s.gateway, s.profile from sensing.series s
            join unnest(?::text[], ?::text[]) as k(device, metric) on s.device = k.device and s.metric = k.metric""";

    private static final String CREATE = """
            insert into sensing.series as s (device, metric, gateway, profile)
            select * from unnest(?::text[], ?::text[], ?::text[], ?::text[]) as k(device, metric, gateway, profile)
            order by device, metric
            on conflict (device, metric) do update set gateway = excluded.gateway, profile = excluded.profile
            returning s.device, s.metric, s.id, s.gateway, s.profile""";

    private final Map<Key, Series> known;

    private record Key(String device, String metric) implements Comparable<Key> {
        @Override
        public int compareTo(Key other) {
            int byDevice = device.compareTo(other.device);
            return byDevice != 0 ? byDevice : metric.compareTo(other.metric);
        }
    }

    private record Series(int id, String gateway, String profile) {}

    /** @param bound series remembered at most, about 200 bytes each */
    SeriesIds(int bound) {
        known = new LinkedHashMap<>(1024, 0.75f, true) {
            @Override
            protected boolean removeEldestEntry(Map.Entry<Key, Series> eldest) {
                return size() > bound;
            }
        };
    }

    void forget() {
        known.clear();
    }

    /** Ids by {@link DeviceReadings#metric()} index for each of {@code parts}; unused names of a table have none. */
    int[][] of(Connection connection, List<Part> parts) throws SQLException {
        int[][] ids = new int[parts.size()][];
        TreeMap<Key, Series> unknown = new TreeMap<>();
        for (int i = 0; i < ids.length; i++) {
            ids[i] = remembered(parts.get(i), unknown);
        }
        if (unknown.isEmpty()) {
            return ids;
        }
        Map<Key, Series> found = findOrCreate(connection, unknown);
        connection.commit();
        known.putAll(found);
        for (int i = 0; i < ids.length; i++) {
            DeviceReadings readings = parts.get(i).readings();
            for (int metric : readings.metric()) {
                if (ids[i][metric] == 0) {
                    Key key = new Key(readings.device(), readings.metricNames()[metric]);
                    ids[i][metric] = Objects.requireNonNull(found.get(key)).id;
                }
            }
        }
        return ids;
    }

    private int[] remembered(Part part, Map<Key, Series> unknown) {
        DeviceReadings readings = part.readings();
        String gateway = part.spool().gateway();
        int[] ids = new int[readings.metricNames().length];
        for (int metric : readings.metric()) {
            if (ids[metric] != 0) {
                continue;
            }
            Key key = new Key(readings.device(), readings.metricNames()[metric]);
            Series series = known.get(key);
            if (series != null && series.gateway.equals(gateway) && series.profile.equals(readings.profile())) {
                ids[metric] = series.id;
            } else {
                unknown.put(key, new Series(0, gateway, readings.profile()));
            }
        }
        return ids;
    }

    private static Map<Key, Series> findOrCreate(Connection connection, TreeMap<Key, Series> wanted)
            throws SQLException {
        Map<Key, Series> found = new TreeMap<>();
        try (PreparedStatement find = connection.prepareStatement(FIND)) {
            bindKeys(connection, find, wanted);
            read(find, found);
        }
        TreeMap<Key, Series> missing = new TreeMap<>(wanted);
        missing.entrySet().removeIf(entry -> {
            Series series = found.get(entry.getKey());
            return series != null
                    && series.gateway.equals(entry.getValue().gateway)
                    && series.profile.equals(entry.getValue().profile);
        });
        if (!missing.isEmpty()) {
            try (PreparedStatement create = connection.prepareStatement(CREATE)) {
                bindKeys(connection, create, missing);
                create.setArray(3, texts(connection, missing.values().stream().map(Series::gateway)));
                create.setArray(4, texts(connection, missing.values().stream().map(Series::profile)));
                read(create, found);
            }
        }
        return found;
    }

    private static void bindKeys(Connection connection, PreparedStatement statement, Map<Key, Series> keys)
            throws SQLException {
        statement.setArray(1, texts(connection, keys.keySet().stream().map(Key::device)));
        statement.setArray(2, texts(connection, keys.keySet().stream().map(Key::metric)));
    }

    private static Array texts(Connection connection, Stream<String> values) throws SQLException {
        return connection.createArrayOf("text", values.toArray());
    }

    private static void read(PreparedStatement statement, Map<Key, Series> into) throws SQLException {
        try (ResultSet rows = statement.executeQuery()) {
            while (rows.next()) {
                into.put(
                        new Key(rows.getString(1), rows.getString(2)),
                        new Series(rows.getInt(3), rows.getString(4), rows.getString(5)));
            }
        }
    }
}
