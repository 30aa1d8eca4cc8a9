package dev.tocsin.agent.spool;

import java.nio.file.Path;
import java.security.SecureRandom;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.HexFormat;
import org.sqlite.SQLiteConfig;

/** Opens the file, and creates its tables and its epoch where it is new. */
final class SpoolSchema {
    /** Of the tables below, in the file itself. */
    private static final int VERSION = 2;

    private static final String[] TABLES = {
        "CREATE TABLE spool (one INTEGER PRIMARY KEY CHECK (one = 1), epoch TEXT, next_sequence INTEGER)",
        // Bodies last: what stands behind one is only found by reading all of it.
        "CREATE TABLE block (first INTEGER PRIMARY KEY, last INTEGER, at INTEGER DEFAULT 0, since INTEGER DEFAULT 0,"
                + " until INTEGER DEFAULT 0, alarm INTEGER DEFAULT 0, packed INTEGER DEFAULT 0, body BLOB)",
        "CREATE TABLE message (id INTEGER PRIMARY KEY AUTOINCREMENT, lane TEXT, at INTEGER DEFAULT 0, body BLOB)",
        "CREATE INDEX message_of_lane ON message (lane)",
        "CREATE TABLE evicted (first INTEGER PRIMARY KEY, last INTEGER)",
        "CREATE TABLE unacked (id INTEGER PRIMARY KEY, way TEXT, hashes BLOB)",
        "CREATE TABLE recent (first INTEGER PRIMARY KEY, hashes BLOB)",
        // Of alarms alone: the oldest of them is found without looking at all telemetry.
        "CREATE INDEX block_of_alarm ON block (alarm) WHERE alarm = 1",
        "CREATE TABLE kept (kind TEXT, key TEXT, body BLOB, PRIMARY KEY (kind, key)) WITHOUT ROWID",
    };

    /** Of the first version; the first page of such a file is told from today's by them. */
    private static final String[] TABLES_OF_FIRST = {
        "CREATE TABLE spool (one INTEGER PRIMARY KEY CHECK (one = 1), epoch TEXT, next_sequence INTEGER)",
        "CREATE TABLE block (first INTEGER PRIMARY KEY, last INTEGER, at INTEGER, packed INTEGER DEFAULT 0, body BLOB)",
        "CREATE TABLE message (id INTEGER PRIMARY KEY AUTOINCREMENT, lane TEXT, body BLOB)",
        "CREATE INDEX message_of_lane ON message (lane)",
        "CREATE TABLE evicted (first INTEGER PRIMARY KEY, last INTEGER)",
        "CREATE TABLE unacked (id INTEGER PRIMARY KEY, origin INTEGER, hashes BLOB)",
        "CREATE TABLE recent (first INTEGER PRIMARY KEY, hashes BLOB)",
        "CREATE TABLE kept (kind TEXT, key TEXT, body BLOB, PRIMARY KEY (kind, key)) WITHOUT ROWID",
    };

    /** From the first version, which told the age of a block by the gateway's clock, and one field broker by a number. */
    private static final String[] FROM_FIRST = {
        "ALTER TABLE block ADD COLUMN since INTEGER DEFAULT 0",
        "ALTER TABLE block ADD COLUMN until INTEGER DEFAULT 0",
        "ALTER TABLE block ADD COLUMN alarm INTEGER DEFAULT 0",
        "ALTER TABLE message ADD COLUMN at INTEGER DEFAULT 0",
        "CREATE INDEX block_of_alarm ON block (alarm) WHERE alarm = 1",
        "UPDATE block SET since = at, until = at, at = 0",
        "ALTER TABLE unacked ADD COLUMN way TEXT",
        "UPDATE unacked SET way = " + SpoolTable.WAY_OF_FIRST,
        "ALTER TABLE unacked DROP COLUMN origin",
    };

    private SpoolSchema() {}

    /** For the one that writes; the file is made, or brought to today's tables, where it has to be. */
    static Connection open(Path path) throws SQLException {
        SQLiteConfig config = config();
        config.setJournalMode(SQLiteConfig.JournalMode.WAL);
        config.setSynchronous(SQLiteConfig.SynchronousMode.FULL);
        config.setJournalSizeLimit(8 * 1024 * 1024);
        // A writer that reads first must not meet another one when it begins to write.
        config.setTransactionMode(SQLiteConfig.TransactionMode.IMMEDIATE);
        Connection connection = config.createConnection("jdbc:sqlite:" + path);
        try {
            long version = new Sql(connection).number("PRAGMA user_version");
            if (version > VERSION) {
                throw new SQLException("its tables are of version " + version + ", this agent knows " + VERSION);
            }
            if (version < VERSION) {
                connection.setAutoCommit(false);
                bringUp(connection);
                connection.commit();
                connection.setAutoCommit(true);
            }
            return connection;
        } catch (SQLException e) {
            connection.close();
            throw e;
        }
    }

    /** In one transaction: a kill leaves the former tables, or none. */
    private static void bringUp(Connection connection) throws SQLException {
        Sql sql = new Sql(connection);
        boolean first = sql.number("SELECT count(*) FROM sqlite_master WHERE name = 'block'") == 1;
        for (String statement : first ? FROM_FIRST : TABLES) {
            sql.execute(statement);
        }
        if (!first) {
            sql.execute("INSERT INTO spool VALUES (1, '" + newEpoch() + "', 1)");
        }
        sql.execute("PRAGMA user_version = " + VERSION);
    }

    /** Makes a file as the first version did, which {@link #open} brings to today's tables. */
    static void makeFirst(Path path) throws SQLException {
        try (Connection connection = config().createConnection("jdbc:sqlite:" + path)) {
            Sql sql = new Sql(connection);
            for (String statement : TABLES_OF_FIRST) {
                sql.execute(statement);
            }
            sql.execute("INSERT INTO spool VALUES (1, '" + newEpoch() + "', 1)");
        }
    }

    static String newEpoch() {
        byte[] epoch = new byte[16];
        new SecureRandom().nextBytes(epoch);
        return HexFormat.of().formatHex(epoch);
    }

    /** For who only reads; makes no file. */
    static Connection openToRead(Path path) throws SQLException {
        SQLiteConfig config = config();
        config.setReadOnly(true);
        return config.createConnection("jdbc:sqlite:" + path);
    }

    /** On a disk that takes nothing, where even reading beside a writer needs a file: what a checkpoint has put there. */
    static Connection openFrozen(Path path) throws SQLException {
        SQLiteConfig config = config();
        config.setReadOnly(true);
        return config.createConnection("jdbc:sqlite:file:" + path.toAbsolutePath() + "?immutable=1");
    }

    private static SQLiteConfig config() {
        SQLiteConfig config = new SQLiteConfig();
        config.setTempStore(SQLiteConfig.TempStore.MEMORY);
        config.setCacheSize(-1024);
        config.setBusyTimeout(10_000);
        return config;
    }
}
