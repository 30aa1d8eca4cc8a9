package dev.tocsin.stream.archive;

import dev.tocsin.profiles.alert.Alert;
import dev.tocsin.profiles.alert.AlertKind;
import dev.tocsin.profiles.alert.AlertState;
import dev.tocsin.profiles.alert.Evidence;
import dev.tocsin.profiles.alert.Place;
import dev.tocsin.profiles.alert.Severity;
import dev.tocsin.profiles.reading.DeviceReadings;
import dev.tocsin.profiles.reading.Quality;
import dev.tocsin.profiles.reading.Rejected;
import dev.tocsin.stream.store.Database;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import org.apache.flink.metrics.groups.UnregisteredMetricsGroup;
import org.jspecify.annotations.Nullable;

/** Readings and writers that tests begin with. */
public final class Given {
    static final long NOON_MS = 1_767_268_800_000L;

    private static final ArchiveSettings SETTINGS = new ArchiveSettings(100_000, 200, 1_000, true, Duration.ZERO);

    private Given() {}

    /** One reading a second; the value is the sequence, so that identity and value can be compared. */
    public static DeviceReadings readings(String device, long firstSequence, int count) {
        double[] value = new double[count];
        long[] at = new long[count];
        for (int i = 0; i < count; i++) {
            value[i] = firstSequence + i;
            at[i] = NOON_MS + 1_000 * (firstSequence + i);
        }
        return new DeviceReadings(
                device,
                "room-sensor",
                false,
                firstSequence,
                new String[] {"temperature"},
                new int[count],
                value,
                at,
                Arrays.stream(at).map(ms -> ms + 50).toArray(),
                new byte[count]);
    }

    static SpooledReadings spooled(String gateway, String device, long firstSequence, int count) {
        return new SpooledReadings(gateway, "epoch-1", readings(device, firstSequence, count));
    }

    /** The same readings with one column changed at one row. */
    static DeviceReadings observedAt(DeviceReadings readings, int row, long observedAtMs) {
        readings.observedAtMs()[row] = observedAtMs;
        return readings;
    }

    public static Alert alert(String id, long revision) {
        Instant onset = Instant.ofEpochMilli(NOON_MS);
        return new Alert(
                id,
                revision,
                AlertState.ACTIVE,
                "room-sensor/hot",
                1,
                AlertKind.ALARM,
                Severity.CRITICAL,
                "gw-1",
                "dev-1",
                new Place(new String[] {"district", "town-1"}, "hall", 31.2, 121.4),
                "temperature",
                61.5,
                "Cel",
                onset,
                onset,
                null,
                false,
                false,
                new Evidence(57.0, new Evidence.Point[] {new Evidence.Point(onset, 61.5, Quality.GOOD)}));
    }

    public static Alert cleared(Alert raised, long revision) {
        return new Alert(
                raised.id(),
                revision,
                AlertState.CLEARED,
                raised.rule(),
                raised.ruleVersion(),
                raised.kind(),
                raised.severity(),
                raised.gateway(),
                raised.device(),
                raised.place(),
                raised.metric(),
                raised.value(),
                raised.unit(),
                raised.onset(),
                raised.onset().plusSeconds(60),
                raised.onset().plusSeconds(60),
                false,
                false,
                raised.evidence());
    }

    public static Rejected rejected(String id, @Nullable String device, Instant receivedAt) {
        byte[] raw = "raw".getBytes(StandardCharsets.UTF_8);
        return new Rejected(id, "gw-1", "mqtt:odd", device, Rejected.Reason.MALFORMED, "no JSON", raw, receivedAt);
    }

    /** Written as the archive job writes them. */
    public static void archived(Database database, List<SpooledReadings> readings, List<Alert> alerts)
            throws InterruptedException {
        try (ReadingArchive archive = archive(database, metrics());
                AlertArchive alertArchive = new AlertArchive(database, metrics(), Clock.systemUTC())) {
            readings.forEach(archive::add);
            archive.write();
            alerts.forEach(alertArchive::add);
            alertArchive.write();
        }
    }

    static ArchiveMetrics metrics() {
        return new ArchiveMetrics(UnregisteredMetricsGroup.createOperatorMetricGroup(), "readings");
    }

    static ReadingArchive archive(Database database, ArchiveMetrics metrics) {
        return new ReadingArchive(database, SETTINGS, metrics, Clock.systemUTC());
    }
}
