package dev.tocsin.stream.store;

import dev.tocsin.profiles.profile.Profile;
import dev.tocsin.profiles.profile.ProfileCatalog;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;

/** What the database must know of profiles, {@code sensing.profile}. In the transaction of the connection. */
public final class ProfileTable {
    private static final String PUT = """
            insert into sensing.profile as p (id, site, version, report_interval_ms) values (?, ?, ?, ?)
            on conflict (id, site) do update
            set version = excluded.version, report_interval_ms = excluded.report_interval_ms
            where (p.version, p.report_interval_ms) is distinct from (excluded.version, excluded.report_interval_ms)""";
    private static final String DROP = "delete from sensing.profile where id = ? and site";
    private static final String DROP_OTHERS = "delete from sensing.profile where not site and id <> all (?)";

    private ProfileTable() {}

    /** Takes a profile of the site, or another version of it. */
    public static void putOfSite(Connection connection, String id, int version, long reportIntervalMs)
            throws SQLException {
        put(connection, true, id, version, reportIntervalMs);
    }

    /** Drops a profile of the site; a built-in one of that id counts again. */
    public static void dropOfSite(Connection connection, String id) throws SQLException {
        try (PreparedStatement drop = connection.prepareStatement(DROP)) {
            drop.setString(1, id);
            drop.executeUpdate();
        }
    }

    /** Those that come with this version of the code, and no others. */
    static void writeBuiltIn(Connection connection) throws SQLException {
        Profile[] builtIn = ProfileCatalog.builtIn().all().toArray(new Profile[0]);
        String[] ids = new String[builtIn.length];
        for (int i = 0; i < builtIn.length; i++) {
            Profile profile = builtIn[i];
            ids[i] = profile.id();
            put(connection, false, profile.id(), profile.version(), profile.reportIntervalMs());
        }
        try (PreparedStatement drop = connection.prepareStatement(DROP_OTHERS)) {
            drop.setArray(1, connection.createArrayOf("text", ids));
            drop.executeUpdate();
        }
    }

    private static void put(Connection connection, boolean site, String id, int version, long reportIntervalMs)
            throws SQLException {
        try (PreparedStatement put = connection.prepareStatement(PUT)) {
            put.setString(1, id);
            put.setBoolean(2, site);
            put.setInt(3, version);
            put.setLong(4, reportIntervalMs);
            put.executeUpdate();
        }
    }
}
