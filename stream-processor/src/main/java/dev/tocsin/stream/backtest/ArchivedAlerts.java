package dev.tocsin.stream.backtest;

import dev.tocsin.profiles.alert.Severity;
import dev.tocsin.stream.store.Database;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;

/** What did alarm, and whether the archive can tell it again. */
final class ArchivedAlerts {
    private static final String ANY_READING =
            "select exists (select 1 from sensing.reading where observed_at >= ? and observed_at < ?)";

    private static final String ALERTS = """
            select a.rule, a.device, a.onset, a.severity, (a.body->>'ruleVersion')::int,
                   exists (select 1 from sensing.series s
                           join sensing.reading r on r.series = s.id
                           where s.device = a.device and r.observed_at >= ? and r.observed_at < ?)
            from sensing.alert a
            where a.onset >= ? and a.onset < ?
            order by a.onset, a.rule, a.device""";

    private ArchivedAlerts() {}

    /** @param hasReadings whether the device has any in the span that is told again */
    record Did(Matched alert, boolean hasReadings) {}

    static boolean hasReadings(Database database, Instant from, Instant to) throws SQLException {
        try (Connection connection = database.openForReading();
                PreparedStatement query = connection.prepareStatement(ANY_READING)) {
            query.setObject(1, from.atOffset(ZoneOffset.UTC));
            query.setObject(2, to.atOffset(ZoneOffset.UTC));
            try (ResultSet row = query.executeQuery()) {
                return row.next() && row.getBoolean(1);
            }
        }
    }

    /**
     * @param told the readings that are told again
     * @throws IllegalStateException when there are more than {@link Backtest#MAX_ALERTS}
     */
    static List<Did> read(Database database, Span told, Instant from, Instant to) throws SQLException {
        try (Connection connection = database.openForReading();
                PreparedStatement query = connection.prepareStatement(ALERTS)) {
            query.setFetchSize(10_000);
            query.setObject(1, told.from().atOffset(ZoneOffset.UTC));
            query.setObject(2, told.to().atOffset(ZoneOffset.UTC));
            query.setObject(3, from.atOffset(ZoneOffset.UTC));
            query.setObject(4, to.atOffset(ZoneOffset.UTC));
            List<Did> alerts = new ArrayList<>();
            try (ResultSet rows = query.executeQuery()) {
                while (rows.next()) {
                    Backtest.requireBounded(alerts.size());
                    Matched alert = new Matched(
                            rows.getString(1),
                            rows.getString(2),
                            rows.getObject(3, OffsetDateTime.class).toInstant(),
                            Severity.valueOf(rows.getString(4)),
                            rows.getInt(5));
                    alerts.add(new Did(alert, rows.getBoolean(6)));
                }
            }
            return alerts;
        }
    }
}
