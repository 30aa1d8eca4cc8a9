package dev.tocsin.standalone.river;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.BitSet;

/**
 * What became of an {@link UplinkGateway}'s readings, looked at one by one.
 *
 * @param lost sent, and not stored
 * @param doubled stored more than once
 * @param altered stored with a value that was never sent, or under another device or time than it was sent with
 */
record Comparison(long sent, long lost, long doubled, long altered) {
    private static final int ROWS_AT_A_TIME = 20_000;

    /** @param perDevice the same in every batch that the gateway sent */
    static Comparison of(Connection database, UplinkGateway gateway, String pattern, int perDevice)
            throws SQLException {
        BitSet seen = new BitSet();
        long doubled = 0;
        long altered = 0;
        database.setAutoCommit(false); // Or the driver would fetch them all at once.
        try (PreparedStatement query = database.prepareStatement("""
                select s.device, extract(epoch from r.observed_at) * 1000, r.value
                from sensing.reading r join sensing.series s on s.id = r.series
                where s.device like ? and s.metric = ?
                """)) {
            query.setFetchSize(ROWS_AT_A_TIME);
            query.setString(1, pattern);
            query.setString(2, UplinkGateway.METRIC);
            try (ResultSet row = query.executeQuery()) {
                while (row.next()) {
                    long sequence = UplinkGateway.sequenceOf(row.getDouble(3));
                    if (sequence == 0
                            || sequence > gateway.sent()
                            || !gateway.originOf(sequence, perDevice)
                                    .equals(new UplinkGateway.Origin(row.getString(1), Math.round(row.getDouble(2))))) {
                        altered++;
                    } else if (seen.get((int) sequence)) {
                        doubled++;
                    } else {
                        seen.set((int) sequence);
                    }
                }
            }
        } finally {
            database.rollback();
            database.setAutoCommit(true);
        }
        return new Comparison(gateway.sent(), gateway.sent() - seen.cardinality(), doubled, altered);
    }

    boolean isExact() {
        return lost == 0 && doubled == 0 && altered == 0;
    }
}
