package dev.tocsin.cloud.readings;

import dev.tocsin.cloud.database.Database;
import dev.tocsin.cloud.http.ApiException;
import dev.tocsin.cloud.http.Call;
import dev.tocsin.cloud.http.Routes;
import dev.tocsin.profiles.reading.Quality;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Clock;
import java.time.DateTimeException;
import java.time.LocalDate;
import java.time.ZoneId;
import java.time.temporal.ChronoUnit;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jdbi.v3.core.JdbiException;
import org.jspecify.annotations.Nullable;

/** How complete, timely and valid the readings of one device were on each day. */
public final class QualityRoutes {
    private static final int DEFAULT_DAYS = 7;
    private static final int MAX_DAYS = 92;
    /** What the store says of a zone that its own time zone data lack. */
    private static final String INVALID_PARAMETER = "22023";

    private final Database database;
    private final Clock clock;

    record DataQuality(String device, String zone, String from, String to, List<DayQuality> days) {}

    /** Shares are 0 to 1; absent where nothing was due, or nothing came. */
    record DayQuality(
            String day,
            long received,
            @Nullable Long expected,
            @Nullable Double completeness,
            long readings,
            Map<Quality, Long> qualities,
            @Nullable Double validity,
            @Nullable Latency latency) {}

    /** Seconds. */
    record Latency(double p50, double p90, double p99, double soonest, double latest) {}

    public QualityRoutes(Database database, Clock clock) {
        this.database = database;
        this.clock = clock;
    }

    public void addTo(Routes routes) {
        routes.blocking("getQuality", this::quality);
    }

    private DataQuality quality(Call call) {
        String device = call.path("id");
        String zone = call.query("zone", "UTC");
        if (!ZoneId.getAvailableZoneIds().contains(zone)) {
            throw noZone(zone);
        }
        LocalDate asked = day(call, "to");
        LocalDate to = asked == null ? LocalDate.ofInstant(clock.instant(), ZoneId.of(zone)) : asked;
        LocalDate begin = day(call, "from");
        LocalDate from = begin == null ? to.minusDays(DEFAULT_DAYS - 1) : begin;
        if (from.isAfter(to)) {
            throw ApiException.invalid("from", "from " + from + " is after to " + to, "起始日期不能晚于结束日期");
        }
        if (ChronoUnit.DAYS.between(from, to) >= MAX_DAYS) {
            throw ApiException.invalid(
                    "from",
                    from + " to " + to + " is more than " + MAX_DAYS + " days; ask for fewer",
                    "日期范围超过 " + MAX_DAYS + " 天，请缩小范围");
        }
        return new DataQuality(device, zone, from.toString(), to.toString(), days(device, from, to, zone));
    }

    private static @Nullable LocalDate day(Call call, String name) {
        String text = call.query(name);
        try {
            return text == null ? null : LocalDate.parse(text);
        } catch (DateTimeException e) {
            throw ApiException.invalid(name, "'" + text + "' is no day: " + e.getMessage(), "“" + text + "”不是有效日期");
        }
    }

    private List<DayQuality> days(String device, LocalDate from, LocalDate to, String zone) {
        try {
            return database.read(handle -> handle.createQuery(
                            "select * from sensing.quality_of(:device, :from, :to, :zone) order by day")
                    .bind("device", device)
                    .bind("from", from)
                    .bind("to", to)
                    .bind("zone", zone)
                    .map((row, context) -> day(row))
                    .list());
        } catch (JdbiException e) {
            if (e.getCause() instanceof SQLException sql && INVALID_PARAMETER.equals(sql.getSQLState())) {
                throw noZone(zone);
            }
            throw e;
        }
    }

    private static ApiException noZone(String zone) {
        return ApiException.invalid(
                "zone",
                "'" + zone + "' is no time zone such as Asia/Shanghai",
                "“" + zone + "”不是有效时区，例如 Asia/Shanghai");
    }

    private static DayQuality day(ResultSet row) throws SQLException {
        Map<Quality, Long> qualities = new EnumMap<>(Quality.class);
        for (Quality quality : Quality.values()) {
            long count = row.getLong(quality.name().toLowerCase(Locale.ROOT));
            if (count > 0) {
                qualities.put(quality, count);
            }
        }
        return new DayQuality(
                row.getObject("day", LocalDate.class).toString(),
                row.getLong("received"),
                row.getObject("expected", Long.class),
                row.getObject("completeness", Double.class),
                row.getLong("n"),
                qualities,
                row.getObject("validity", Double.class),
                row.getObject("latest_s") == null
                        ? null
                        : new Latency(
                                row.getDouble("p50_s"),
                                row.getDouble("p90_s"),
                                row.getDouble("p99_s"),
                                row.getDouble("soonest_s"),
                                row.getDouble("latest_s")));
    }
}
