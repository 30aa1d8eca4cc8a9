package dev.tocsin.cloud.devices;

import dev.tocsin.cloud.database.Database;
import dev.tocsin.cloud.http.ApiException;
import dev.tocsin.profiles.profile.LocalText;
import dev.tocsin.profiles.profile.Metric;
import dev.tocsin.profiles.profile.Profile;
import dev.tocsin.profiles.reading.Quality;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The newest reading of each metric of a device, from what the archive keeps for it. */
final class LastValues {
    private final Database database;

    record LastValue(
            String metric,
            String unit,
            LocalText label,
            double value,
            Instant observedAt,
            Instant receivedAt,
            Quality quality) {}

    LastValues(Database database) {
        this.database = database;
    }

    /** Null while the database is away. */
    @Nullable
    List<LastValue> of(String device, @Nullable Profile profile) {
        try {
            return database.read(handle -> handle.createQuery(
                            "select s.metric, l.observed_at, l.received_at, l.value, l.quality from sensing.series s"
                                    + " join sensing.last_value l on l.series = s.id where s.device = :device"
                                    + " order by s.metric")
                    .bind("device", device)
                    .map((row, context) -> {
                        String name = row.getString("metric");
                        Metric metric =
                                profile == null ? null : profile.metrics().get(name);
                        return new LastValue(
                                name,
                                metric == null ? "" : metric.unit(),
                                metric == null ? LocalText.of(name) : metric.label(),
                                row.getDouble("value"),
                                row.getObject("observed_at", OffsetDateTime.class)
                                        .toInstant(),
                                row.getObject("received_at", OffsetDateTime.class)
                                        .toInstant(),
                                Quality.of(row.getInt("quality")));
                    })
                    .list());
        } catch (ApiException e) {
            // The rest of a device's page is known without the database, and the answer says that this is not.
            return null;
        }
    }
}
