package dev.tocsin.stream.archive;

import dev.tocsin.profiles.reading.Rejected;
import dev.tocsin.stream.archive.PatientConnection.RefusedException;
import dev.tocsin.stream.store.Database;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Types;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Writes rejected input, one row an id. It comes from outside, so every field is made storable first: rejected input
 * cannot be rejected again. Where it writes, it also deletes what is older than the retention, a part at a time: no
 * policy of the server does, and what nobody adds to does not grow.
 */
final class RejectedArchive implements Destination<Rejected> {
    private static final String INSERT = """
            insert into sensing.rejected (id, gateway, source, device, reason, detail, raw, received_at)
            values (?, ?, ?, ?, ?, ?, ?, ?) on conflict (id) do nothing""";
    private static final String DELETE_OLD = """
            delete from sensing.rejected where id in (
                select id from sensing.rejected where received_at < ? order by received_at limit ?)""";
    /** As many for each that may be added at most, so that a table that is too old becomes as small as it should be. */
    private static final int DELETED_AT_ONCE = 20_000;

    private static final Duration BETWEEN_DELETIONS = Duration.ofMinutes(1);
    /** Bytes of raw input that count as another row. */
    private static final int BYTES_A_ROW = 1_024;

    /** An index entry holds 2,704 bytes; a character takes up to 4. */
    private static final int LONGEST_ID = 256;

    private static final int LONGEST_TEXT = 4_096;
    private static final Instant EARLIEST = Instant.parse("0001-01-01T00:00:00Z");
    private static final Instant LATEST = Instant.parse("9999-12-31T23:59:59Z");

    private final PatientConnection store;
    private final Duration retention;
    private final ArchiveMetrics metrics;
    private final Clock clock;
    private List<Rejected> waiting = new ArrayList<>();
    private Instant deleteAt = Instant.MIN;

    /** @param retention age at which rows are deleted; zero keeps everything */
    RejectedArchive(Database database, Duration retention, ArchiveMetrics metrics, Clock clock) {
        store = new PatientConnection(database, metrics, () -> {});
        this.retention = retention;
        this.metrics = metrics;
        this.clock = clock;
    }

    @Override
    public int rows(Rejected element) {
        return 1 + element.raw().length / BYTES_A_ROW;
    }

    @Override
    public void add(Rejected element) {
        waiting.add(element);
    }

    @Override
    public void write() throws InterruptedException {
        List<Rejected> batch = waiting;
        waiting = new ArrayList<>();
        if (batch.isEmpty()) {
            return;
        }
        try {
            long startedNs = System.nanoTime();
            int stored = store.run(connection -> insert(connection, batch));
            metrics.wrote(stored, (System.nanoTime() - startedNs) / 1_000_000);
            metrics.skipped(batch.size() - stored);
            deleteOld();
        } catch (RefusedException e) {
            throw new IllegalStateException("rejected input was made storable and is refused all the same", e);
        }
    }

    private void deleteOld() throws RefusedException, InterruptedException {
        Instant now = clock.instant();
        if (retention.isZero() || now.isBefore(deleteAt)) {
            return;
        }
        deleteAt = now.plus(BETWEEN_DELETIONS);
        store.run(connection -> {
            try (PreparedStatement delete = connection.prepareStatement(DELETE_OLD)) {
                delete.setObject(1, now.minus(retention).atOffset(ZoneOffset.UTC));
                delete.setInt(2, DELETED_AT_ONCE);
                return delete.executeUpdate();
            }
        });
    }

    /** In a transaction of its own. */
    static void insertAlone(PatientConnection store, Rejected rejected) throws InterruptedException {
        try {
            store.run(connection -> insert(connection, List.of(rejected)));
        } catch (RefusedException e) {
            throw new IllegalStateException("rejected input was made storable and is refused all the same", e);
        }
    }

    /** In the caller's transaction; returns how many were new. */
    static int insert(Connection connection, List<Rejected> batch) throws SQLException {
        try (PreparedStatement insert = connection.prepareStatement(INSERT)) {
            for (Rejected rejected : batch) {
                String id = storable(rejected.id(), LONGEST_TEXT);
                insert.setString(1, id.length() > LONGEST_ID ? Refused.idOf("", id) : id);
                insert.setString(2, storable(rejected.gateway(), LONGEST_TEXT));
                insert.setString(3, storable(rejected.source(), LONGEST_TEXT));
                setNullable(insert, 4, rejected.device());
                insert.setString(5, rejected.reason().name());
                insert.setString(6, storable(rejected.detail(), LONGEST_TEXT));
                insert.setBytes(7, rejected.raw());
                insert.setObject(8, storable(rejected.receivedAt()));
                insert.addBatch();
            }
            int stored = 0;
            for (int count : insert.executeBatch()) {
                stored += count;
            }
            return stored;
        }
    }

    private static void setNullable(PreparedStatement insert, int at, @Nullable String text) throws SQLException {
        if (text == null) {
            insert.setNull(at, Types.VARCHAR);
        } else {
            insert.setString(at, storable(text, LONGEST_TEXT));
        }
    }

    /** PostgreSQL's text holds everything but NUL and half surrogate pairs. */
    private static String storable(String text, int longest) {
        StringBuilder kept = new StringBuilder(Math.min(text.length(), longest));
        text.codePoints()
                .limit(longest)
                .map(c -> c == 0 || (c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE) ? '\uFFFD' : c)
                .forEach(kept::appendCodePoint);
        return kept.toString();
    }

    private static OffsetDateTime storable(Instant at) {
        Instant within = at.isBefore(EARLIEST) ? EARLIEST : at.isAfter(LATEST) ? LATEST : at;
        return within.atOffset(ZoneOffset.UTC);
    }

    @Override
    public void close() {
        store.close();
    }
}
