package dev.tocsin.stream.archive;

import dev.tocsin.profiles.reading.DeviceReadings;
import dev.tocsin.profiles.wire.Sequences;
import dev.tocsin.stream.archive.Part.Spool;
import java.sql.Array;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * The rows of {@code sensing.ledger} that one transaction locked: which sequences are stored, and which this
 * transaction adds. Locked in one order by every writer, and until the commit.
 */
final class Ledger {
    private static final String LOCK = """
            select l.gateway, l.epoch, l.held::text from sensing.ledger l
            join unnest(?::text[], ?::text[]) as s(gateway, epoch) on l.gateway = s.gateway and l.epoch = s.epoch
            order by l.gateway, l.epoch for update of l""";
    private static final String OPEN = """
            insert into sensing.ledger (gateway, epoch)
            select gateway, epoch from unnest(?::text[], ?::text[]) as s(gateway, epoch) order by gateway, epoch
            on conflict do nothing""";
    private static final String ADD = """
            update sensing.ledger l set held = l.held + s.added::int8multirange
            from unnest(?::text[], ?::text[], ?::text[]) as s(gateway, epoch, added)
            where l.gateway = s.gateway and l.epoch = s.epoch""";

    private final Connection connection;
    private final Map<Spool, Sequences> held = new TreeMap<>();
    private final Map<Spool, Sequences> added = new TreeMap<>();

    private Ledger(Connection connection) {
        this.connection = connection;
    }

    /** Locks what is known of the spools of {@code parts}, and begins a row for each that is new. */
    static Ledger lock(Connection connection, List<Part> parts) throws SQLException {
        SortedSet<Spool> spools = new TreeSet<>();
        parts.forEach(part -> spools.add(part.spool()));
        Ledger ledger = new Ledger(connection);
        ledger.read(spools);
        spools.removeAll(ledger.held.keySet());
        if (!spools.isEmpty()) {
            try (PreparedStatement open = connection.prepareStatement(OPEN)) {
                ledger.bind(open, spools);
                open.executeUpdate();
            }
            // Whoever else began the same row has committed by now, so this reads what it wrote.
            ledger.read(spools);
        }
        return ledger;
    }

    /** Those rows of {@code part} that are not stored yet; from now on they count as stored. */
    List<Part> claim(Part part) {
        DeviceReadings readings = part.readings();
        long first = readings.firstSequence();
        Sequences sequences = held.computeIfAbsent(part.spool(), spool -> new Sequences());
        List<Part> fresh = new ArrayList<>(1);
        for (Sequences.Range range : sequences.add(first, readings.lastSequence())) {
            DeviceReadings slice = readings.slice((int) (range.first() - first), (int) (range.last() - first) + 1);
            fresh.add(new Part(part.spool(), slice));
            added.computeIfAbsent(part.spool(), spool -> new Sequences()).add(range.first(), range.last());
        }
        return fresh;
    }

    /** Writes what was claimed. */
    void save() throws SQLException {
        if (added.isEmpty()) {
            return;
        }
        try (PreparedStatement add = connection.prepareStatement(ADD)) {
            bind(add, added.keySet());
            add.setArray(3, texts(added.values().stream().map(Ledger::literal).toArray()));
            add.executeUpdate();
        }
    }

    private void read(SortedSet<Spool> spools) throws SQLException {
        try (PreparedStatement lock = connection.prepareStatement(LOCK)) {
            bind(lock, spools);
            try (ResultSet rows = lock.executeQuery()) {
                while (rows.next()) {
                    held.put(new Spool(rows.getString(1), rows.getString(2)), sequences(rows.getString(3)));
                }
            }
        }
    }

    private void bind(PreparedStatement statement, Collection<Spool> spools) throws SQLException {
        statement.setArray(1, texts(spools.stream().map(Spool::gateway).toArray()));
        statement.setArray(2, texts(spools.stream().map(Spool::epoch).toArray()));
    }

    private Array texts(Object[] values) throws SQLException {
        return connection.createArrayOf("text", values);
    }

    /** PostgreSQL writes int8 ranges with the end left out: {@code {[1,5),[7,9)}} holds 1 to 4 and 7 to 8. */
    static Sequences sequences(String multirange) {
        Sequences sequences = new Sequences();
        String[] ends = multirange.replaceAll("[^0-9-]+", " ").strip().split(" ", -1);
        for (int i = 0; i + 1 < ends.length; i += 2) {
            sequences.add(Long.parseLong(ends[i]), Long.parseLong(ends[i + 1]) - 1);
        }
        return sequences;
    }

    static String literal(Sequences sequences) {
        StringBuilder text = new StringBuilder("{");
        for (Sequences.Range range : sequences.ranges()) {
            text.append(text.length() > 1 ? "," : "")
                    .append('[')
                    .append(range.first())
                    .append(',');
            text.append(range.last()).append(']');
        }
        return text.append('}').toString();
    }
}
