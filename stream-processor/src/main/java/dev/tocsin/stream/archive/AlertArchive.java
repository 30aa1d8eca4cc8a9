package dev.tocsin.stream.archive;

import dev.tocsin.profiles.alert.Alert;
import dev.tocsin.profiles.alert.AlertJson;
import dev.tocsin.stream.archive.PatientConnection.RefusedException;
import dev.tocsin.stream.store.Database;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Types;
import java.time.Clock;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** Writes alerts, one row an id; a publication replaces a row of a lower revision and nothing else. */
final class AlertArchive implements Destination<Alert> {
    private static final String UPSERT = """
            insert into sensing.alert as a (id, revision, state, rule, kind, severity, gateway, device, area, onset,
                                            updated, cleared, late, drill, body)
            values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?::jsonb)
            on conflict (id) do update
            set revision = excluded.revision, state = excluded.state, rule = excluded.rule, kind = excluded.kind,
                severity = excluded.severity, gateway = excluded.gateway, device = excluded.device,
                area = excluded.area, onset = excluded.onset, updated = excluded.updated, cleared = excluded.cleared,
                late = excluded.late, drill = excluded.drill, body = excluded.body
            where excluded.revision > a.revision""";

    private final PatientConnection store;
    private final ArchiveMetrics metrics;
    private final Clock clock;
    private List<Alert> waiting = new ArrayList<>();

    AlertArchive(Database database, ArchiveMetrics metrics, Clock clock) {
        store = new PatientConnection(database, metrics, () -> {});
        this.metrics = metrics;
        this.clock = clock;
    }

    @Override
    public int rows(Alert element) {
        return 1;
    }

    @Override
    public void add(Alert element) {
        waiting.add(element);
    }

    @Override
    public void write() throws InterruptedException {
        List<Alert> batch = waiting;
        waiting = new ArrayList<>();
        if (!batch.isEmpty()) {
            // One order for every writer, so that two never wait for each other in a circle.
            batch.sort(Comparator.comparing(Alert::id).thenComparingLong(Alert::revision));
            write(batch);
        }
    }

    private void write(List<Alert> batch) throws InterruptedException {
        try {
            long startedNs = System.nanoTime();
            int stored = store.run(connection -> upsert(connection, batch));
            metrics.wrote(stored, (System.nanoTime() - startedNs) / 1_000_000);
            metrics.skipped(batch.size() - stored);
        } catch (RefusedException e) {
            if (batch.size() == 1) {
                RejectedArchive.insertAlone(store, Refused.alert(batch.get(0), e, clock.instant()));
                metrics.refused();
                return;
            }
            metrics.halved();
            write(batch.subList(0, batch.size() / 2));
            write(batch.subList(batch.size() / 2, batch.size()));
        }
    }

    private static int upsert(Connection connection, List<Alert> batch) throws SQLException {
        try (PreparedStatement upsert = connection.prepareStatement(UPSERT)) {
            for (Alert alert : batch) {
                bind(upsert, alert);
                upsert.addBatch();
            }
            int stored = 0;
            for (int count : upsert.executeBatch()) {
                stored += count;
            }
            return stored;
        }
    }

    private static void bind(PreparedStatement upsert, Alert alert) throws SQLException {
        upsert.setString(1, alert.id());
        upsert.setLong(2, alert.revision());
        upsert.setString(3, alert.state().name());
        upsert.setString(4, alert.rule());
        upsert.setString(5, alert.kind().name());
        upsert.setString(6, alert.severity().name());
        upsert.setString(7, alert.gateway());
        upsert.setString(8, alert.device());
        upsert.setString(9, alert.place().area());
        upsert.setObject(10, alert.onset().atOffset(ZoneOffset.UTC));
        upsert.setObject(11, alert.updated().atOffset(ZoneOffset.UTC));
        if (alert.cleared() == null) {
            upsert.setNull(12, Types.TIMESTAMP_WITH_TIMEZONE);
        } else {
            upsert.setObject(12, alert.cleared().atOffset(ZoneOffset.UTC));
        }
        upsert.setBoolean(13, alert.late());
        upsert.setBoolean(14, alert.drill());
        upsert.setString(15, new String(AlertJson.write(alert), StandardCharsets.UTF_8));
    }

    @Override
    public void close() {
        store.close();
    }
}
