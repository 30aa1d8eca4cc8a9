package dev.tocsin.standalone.river;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/**
 * What the store holds of an {@link UplinkGateway}'s readings, whose values are their sequences.
 *
 * @param rows how many rows
 * @param distinct how many different values
 * @param least and {@code greatest}: the least and the greatest value
 */
record Stored(long rows, long distinct, double least, double greatest) {

    static Stored ofDevicesLike(Connection database, String pattern) throws SQLException {
        try (PreparedStatement query = database.prepareStatement("""
                select count(*), count(distinct r.value), coalesce(min(r.value), 0), coalesce(max(r.value), 0)
                from sensing.reading r join sensing.series s on s.id = r.series
                where s.device like ? and s.metric = ?
                """)) {
            query.setString(1, pattern);
            query.setString(2, UplinkGateway.METRIC);
            try (ResultSet row = query.executeQuery()) {
                row.next();
                return new Stored(row.getLong(1), row.getLong(2), row.getDouble(3), row.getDouble(4));
            }
        }
    }

    /** How many rows alone: to ask again and again while there are millions. */
    static long rowsOfDevicesLike(Connection database, String pattern) throws SQLException {
        try (PreparedStatement query = database.prepareStatement("""
                select count(*) from sensing.reading r join sensing.series s on s.id = r.series
                where s.device like ? and s.metric = ?
                """)) {
            query.setString(1, pattern);
            query.setString(2, UplinkGateway.METRIC);
            try (ResultSet row = query.executeQuery()) {
                row.next();
                return row.getLong(1);
            }
        }
    }

    /** Ids of all alerts. */
    static List<String> alerts(Connection database) throws SQLException {
        List<String> ids = new ArrayList<>();
        try (PreparedStatement query = database.prepareStatement("select id from sensing.alert");
                ResultSet row = query.executeQuery()) {
            while (row.next()) {
                ids.add(row.getString(1));
            }
        }
        return ids;
    }

    /** Every sequence from 1 to {@code last}, each once: as many values as sequences, none outside of them. */
    boolean isExactly(long last) {
        return rows == last
                && distinct == last
                && least == UplinkGateway.valueOf(1)
                && greatest == UplinkGateway.valueOf(last);
    }
}
