package dev.tocsin.stream.archive;

import dev.tocsin.stream.archive.PatientConnection.RefusedException;
import dev.tocsin.stream.store.Database;
import dev.tocsin.stream.store.ProfileTable;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Map;
import java.util.TreeMap;

/** Keeps {@code sensing.profile} as the retained profiles of the site say; the last word on each id counts. */
final class ProfileArchive implements Destination<SiteProfile> {
    private final PatientConnection store;
    private final ArchiveMetrics metrics;
    /** By id, so that every writer locks rows in the same order. */
    private Map<String, SiteProfile> waiting = new TreeMap<>();

    ProfileArchive(Database database, ArchiveMetrics metrics) {
        store = new PatientConnection(database, metrics, () -> {});
        this.metrics = metrics;
    }

    @Override
    public int rows(SiteProfile element) {
        return 1;
    }

    @Override
    public void add(SiteProfile element) {
        waiting.put(element.id(), element);
    }

    @Override
    public void write() throws InterruptedException {
        Map<String, SiteProfile> batch = waiting;
        waiting = new TreeMap<>();
        if (batch.isEmpty()) {
            return;
        }
        try {
            long startedNs = System.nanoTime();
            store.run(connection -> save(connection, batch));
            metrics.wrote(batch.size(), (System.nanoTime() - startedNs) / 1_000_000);
        } catch (RefusedException e) {
            throw new IllegalStateException("an id and two numbers are refused", e);
        }
    }

    private static int save(Connection connection, Map<String, SiteProfile> batch) throws SQLException {
        for (SiteProfile profile : batch.values()) {
            if (profile.isDropped()) {
                ProfileTable.dropOfSite(connection, profile.id());
            } else {
                ProfileTable.putOfSite(connection, profile.id(), profile.version(), profile.reportIntervalMs());
            }
        }
        return batch.size();
    }

    @Override
    public void close() {
        store.close();
    }
}
