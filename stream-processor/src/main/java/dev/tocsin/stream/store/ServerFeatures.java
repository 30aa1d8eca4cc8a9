package dev.tocsin.stream.store;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;

/**
 * What the server really offers: the presence of the extension says little, its licence decides.
 *
 * @param timescale version of the extension in this database, {@code null} where there is none
 * @param licence {@code timescale}, {@code apache}, or empty without the extension
 */
public record ServerFeatures(@Nullable String timescale, String licence) {
    /** The first version with the names and calls that {@link HypertableShape} uses. */
    private static final int[] COLUMNSTORE_SINCE = {2, 18};

    static ServerFeatures detect(Connection connection) throws SQLException {
        String version = text(connection, "select extversion from pg_extension where extname = 'timescaledb'");
        String licence = text(connection, "select current_setting('timescaledb.license', true)");
        return new ServerFeatures(version, version == null || licence == null ? "" : licence);
    }

    /**
     * Whether the extension could be created in this database. A parameter of its loader tells that the server began
     * with it; without, creating it would end the session, and only some roles may read the list of what was loaded.
     */
    static boolean canBeCreated(Connection connection) throws SQLException {
        return text(
                        connection,
                        "select name from pg_available_extensions where name = 'timescaledb'"
                                + " and installed_version is null"
                                + " and current_setting('timescaledb.disable_load', true) is not null")
                != null;
    }

    public boolean hypertables() {
        return timescale != null && atLeast(timescale);
    }

    /** Compression, continuous aggregates and every policy. */
    public boolean columnstore() {
        return hypertables() && licence.equals("timescale");
    }

    private static boolean atLeast(String version) {
        String[] parts = version.split("[.-]", -1);
        int major = Integer.parseInt(parts[0]);
        int minor = parts.length > 1 ? Integer.parseInt(parts[1]) : 0;
        return major > COLUMNSTORE_SINCE[0] || (major == COLUMNSTORE_SINCE[0] && minor >= COLUMNSTORE_SINCE[1]);
    }

    static @Nullable String text(Connection connection, String sql) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(sql);
                ResultSet rows = statement.executeQuery()) {
            return rows.next() ? rows.getString(1) : null;
        }
    }
}
