package dev.tocsin.stream.archive;

import dev.tocsin.profiles.reading.DeviceReadings;
import dev.tocsin.stream.archive.PatientConnection.RefusedException;
import dev.tocsin.stream.store.Database;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;

/**
 * Writes readings so that each (gateway, epoch, sequence) is stored once: rows, newest values and the ledger that names
 * the sequences are one transaction, and what the ledger holds already is left out. A batch that the store refuses is
 * halved until the row is found that it refuses; that row becomes rejected input, and its sequence counts as held.
 */
final class ReadingArchive implements Destination<SpooledReadings> {
    private final PatientConnection store;
    private final SeriesIds series;
    private final boolean directCompress;
    private final ArchiveMetrics metrics;
    private final Clock clock;
    private List<Part> parts = new ArrayList<>();

    ReadingArchive(Database database, ArchiveSettings settings, ArchiveMetrics metrics, Clock clock) {
        series = new SeriesIds(settings.seriesRemembered());
        directCompress = settings.directCompress();
        store = new PatientConnection(database, metrics, series::forget);
        this.metrics = metrics;
        this.clock = clock;
    }

    @Override
    public int rows(SpooledReadings element) {
        return element.readings().count();
    }

    @Override
    public void add(SpooledReadings element) {
        parts.add(new Part(new Part.Spool(element.gateway(), element.epoch()), element.readings()));
    }

    @Override
    public void write() throws InterruptedException {
        List<Part> batch = parts;
        parts = new ArrayList<>();
        if (!batch.isEmpty()) {
            write(batch, Part.rows(batch));
        }
    }

    private void write(List<Part> batch, int rows) throws InterruptedException {
        try {
            long startedNs = System.nanoTime();
            int stored = store.run(connection -> store(connection, batch));
            metrics.wrote(stored, (System.nanoTime() - startedNs) / 1_000_000);
            metrics.skipped(rows - stored);
        } catch (RefusedException e) {
            if (rows == 1) {
                reject(batch.get(0), e);
                return;
            }
            metrics.halved();
            write(Part.slice(batch, 0, rows / 2), rows / 2);
            write(Part.slice(batch, rows / 2, rows), rows - rows / 2);
        }
    }

    /** Returns how many rows were new. */
    private int store(Connection connection, List<Part> batch) throws SQLException {
        int[][] ids = series.of(connection, batch);
        Ledger ledger = Ledger.lock(connection, batch);
        if (directCompress) {
            DirectCompress.askFor(connection, ids, Part.rows(batch));
        }
        LastValues lastValues = new LastValues();
        CopyRows copy = null;
        int stored = 0;
        for (int i = 0; i < ids.length; i++) {
            for (Part fresh : ledger.claim(batch.get(i))) {
                DeviceReadings readings = fresh.readings();
                copy = copy == null ? CopyRows.begin(connection) : copy;
                copy.add(readings, ids[i]);
                lastValues.see(readings, ids[i]);
                stored += readings.count();
            }
        }
        if (copy != null) {
            copy.end();
            lastValues.save(connection);
            ledger.save();
        }
        return stored;
    }

    /** The row and its place in the ledger in one transaction; without the ledger where that is what was refused. */
    private void reject(Part part, RefusedException why) throws InterruptedException {
        var rejected = Refused.reading(part, why, clock.instant());
        try {
            store.run(connection -> {
                Ledger ledger = Ledger.lock(connection, List.of(part));
                if (!ledger.claim(part).isEmpty()) {
                    RejectedArchive.insert(connection, List.of(rejected));
                    ledger.save();
                }
                return true;
            });
        } catch (RefusedException e) {
            RejectedArchive.insertAlone(store, rejected);
        }
        metrics.refused();
    }

    @Override
    public void close() {
        store.close();
    }
}
