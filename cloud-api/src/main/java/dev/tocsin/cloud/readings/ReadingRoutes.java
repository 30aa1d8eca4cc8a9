package dev.tocsin.cloud.readings;

import dev.tocsin.cloud.database.Database;
import dev.tocsin.cloud.devices.RegisteredDevice;
import dev.tocsin.cloud.devices.Registry;
import dev.tocsin.cloud.devices.RegistryImage;
import dev.tocsin.cloud.devices.SiteRules;
import dev.tocsin.cloud.http.ApiException;
import dev.tocsin.cloud.http.Call;
import dev.tocsin.cloud.http.Routes;
import dev.tocsin.profiles.alert.Severity;
import dev.tocsin.profiles.detect.Condition;
import dev.tocsin.profiles.profile.LocalText;
import dev.tocsin.profiles.profile.Metric;
import dev.tocsin.profiles.profile.Profile;
import dev.tocsin.profiles.reading.Quality;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** One metric of one device over a range. */
public final class ReadingRoutes {
    private static final Duration DEFAULT_RANGE = Duration.ofHours(1);
    private static final int DEFAULT_POINTS = 500;

    private final Database database;
    private final Registry registry;
    private final SiteRules rules;
    private final Clock clock;

    record Point(Instant at, double value, double min, double max, long n, Quality quality) {}

    record Limit(String rule, double limit, Severity severity, LocalText name) {}

    record Readings(
            String device,
            String metric,
            String unit,
            LocalText label,
            Instant from,
            Instant to,
            List<Point> points,
            List<Limit> limits) {}

    public ReadingRoutes(Database database, Registry registry, SiteRules rules, Clock clock) {
        this.database = database;
        this.registry = registry;
        this.rules = rules;
        this.clock = clock;
    }

    public void addTo(Routes routes) {
        routes.blocking("getReadings", this::readings);
    }

    private Readings readings(Call call) {
        String device = call.path("id");
        String metric = Objects.requireNonNull(call.query("metric"));
        Instant asked = call.queryTime("to");
        Instant to = asked == null ? clock.instant() : asked;
        Instant begin = call.queryTime("from");
        Instant from = begin == null ? to.minus(DEFAULT_RANGE) : begin;
        if (!from.isBefore(to)) {
            throw ApiException.invalid("from", "from " + from + " is not before to " + to, "起始时间必须早于结束时间");
        }
        Profile profile = profileOf(device);
        Metric known = profile == null ? null : profile.metrics().get(metric);
        List<Point> points = points(device, metric, from, to, call.query("points", DEFAULT_POINTS));
        return new Readings(
                device,
                metric,
                known == null ? "" : known.unit(),
                known == null ? LocalText.of(metric) : known.label(),
                from,
                to,
                points,
                profile == null ? List.of() : limits(inForce(profile, device), metric));
    }

    /** The profile with the rules that hold for the device, where the registry knows the place of it. */
    private Profile inForce(Profile profile, String device) {
        RegistryImage image = registry.image();
        RegisteredDevice registered = image.devices().get(device);
        return registered == null
                ? profile
                : rules.of(profile, device, image.placeOf(registered)).profile();
    }

    private @Nullable Profile profileOf(String device) {
        RegisteredDevice registered = registry.image().devices().get(device);
        if (registered != null) {
            return registry.profiles().find(registered.profile());
        }
        // A device that nobody enrolled, or a gateway's own pulse: the archive knows under which profile it was read.
        return database.read(handle -> handle.createQuery(
                                "select profile from sensing.series where device = :device limit 1")
                        .bind("device", device)
                        .mapTo(String.class)
                        .findOne())
                .map(registry.profiles()::find)
                .orElse(null);
    }

    private List<Point> points(String device, String metric, Instant from, Instant to, int points) {
        return database.read(handle -> handle.createQuery(
                        "select * from sensing.readings_of(:device, :metric, :from, :to, :points)")
                .bind("device", device)
                .bind("metric", metric)
                .bind("from", from.atOffset(ZoneOffset.UTC))
                .bind("to", to.atOffset(ZoneOffset.UTC))
                .bind("points", points)
                .map((row, context) -> new Point(
                        row.getObject("at", OffsetDateTime.class).toInstant(),
                        row.getDouble("value"),
                        row.getDouble("min"),
                        row.getDouble("max"),
                        row.getLong("n"),
                        Quality.of(row.getInt("quality"))))
                .list());
    }

    /** A rate, a drift or a score is no line in a chart of values. */
    private static List<Limit> limits(Profile profile, String metric) {
        return profile.rules().stream()
                .filter(rule -> rule.metric().equals(metric) && isLine(rule.condition()))
                .map(rule -> new Limit(rule.id(), rule.condition().limit(), rule.severity(), rule.name()))
                .toList();
    }

    private static boolean isLine(Condition condition) {
        return condition instanceof Condition.Above
                || condition instanceof Condition.Below
                || condition instanceof Condition.Exposure;
    }
}
