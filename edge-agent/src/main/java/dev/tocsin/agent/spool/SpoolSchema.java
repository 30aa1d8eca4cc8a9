package dev.tocsin.agent.spool;

import java.nio.file.Path;
import java.security.SecureRandom;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.HexFormat;
import org.sqlite.SQLiteConfig;

/** Opens the file, and creates its tables and its epoch where it is new. */
final class SpoolSchema {
    private static final String[] TABLES = {
        "CREATE TABLE IF NOT EXISTS spool (one INTEGER PRIMARY KEY CHECK (one = 1), epoch TEXT, next_sequence INTEGER)",
        "CREATE TABLE IF NOT EXISTS block (first INTEGER PRIMARY KEY, last INTEGER, at INTEGER, packed INTEGER DEFAULT 0,"
                + " body BLOB)",
        "CREATE TABLE IF NOT EXISTS message (id INTEGER PRIMARY KEY AUTOINCREMENT, lane TEXT, body BLOB)",
        "CREATE INDEX IF NOT EXISTS message_of_lane ON message (lane)",
        "CREATE TABLE IF NOT EXISTS evicted (first INTEGER PRIMARY KEY, last INTEGER)",
        "CREATE TABLE IF NOT EXISTS unacked (id INTEGER PRIMARY KEY, way TEXT, hashes BLOB)",
        "CREATE TABLE IF NOT EXISTS recent (first INTEGER PRIMARY KEY, hashes BLOB)",
        "CREATE TABLE IF NOT EXISTS kept (kind TEXT, key TEXT, body BLOB, PRIMARY KEY (kind, key)) WITHOUT ROWID",
    };

    private SpoolSchema() {}

    /** For who only looks; SQLite itself then writes nothing but its index of the log, under the owner of the file. */
    static Connection openToLook(Path path) throws SQLException {
        SQLiteConfig config = new SQLiteConfig();
        config.setReadOnly(true);
        config.setBusyTimeout(10_000);
        return config.createConnection("jdbc:sqlite:" + path);
    }

    static Connection open(Path path, boolean readOnly) throws SQLException {
        SQLiteConfig config = new SQLiteConfig();
        config.setJournalMode(SQLiteConfig.JournalMode.WAL);
        config.setSynchronous(SQLiteConfig.SynchronousMode.FULL);
        config.setTempStore(SQLiteConfig.TempStore.MEMORY);
        config.setCacheSize(-1024);
        config.setJournalSizeLimit(8 * 1024 * 1024);
        config.setBusyTimeout(10_000);
        // A writer that reads first must not meet another one when it begins to write.
        config.setTransactionMode(
                readOnly ? SQLiteConfig.TransactionMode.DEFERRED : SQLiteConfig.TransactionMode.IMMEDIATE);
        Connection connection = config.createConnection("jdbc:sqlite:" + path);
        if (readOnly) {
            return connection;
        }
        try (Statement statement = connection.createStatement()) {
            for (String table : TABLES) {
                statement.executeUpdate(table);
            }
            nameTheWays(statement);
            byte[] epoch = new byte[16];
            new SecureRandom().nextBytes(epoch);
            try (PreparedStatement insert =
                    connection.prepareStatement("INSERT OR IGNORE INTO spool VALUES (1, ?, 1)")) {
                insert.setString(1, HexFormat.of().formatHex(epoch));
                insert.executeUpdate();
            }
            return connection;
        } catch (SQLException e) {
            connection.close();
            throw e;
        }
    }

    /** Agents that knew one field broker told it from CoAP by a number. */
    private static void nameTheWays(Statement statement) throws SQLException {
        try (ResultSet old =
                statement.executeQuery("SELECT count(*) FROM pragma_table_info('unacked') WHERE name = 'origin'")) {
            if (!old.next() || old.getInt(1) == 0) {
                return;
            }
        }
        statement.executeUpdate("ALTER TABLE unacked ADD COLUMN way TEXT");
        statement.executeUpdate("UPDATE unacked SET way = CASE origin WHEN 0 THEN 'COAP' ELSE 'MQTT' END");
        statement.executeUpdate("ALTER TABLE unacked DROP COLUMN origin");
    }
}
