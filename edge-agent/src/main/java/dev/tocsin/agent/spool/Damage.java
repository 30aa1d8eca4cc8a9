package dev.tocsin.agent.spool;

import java.sql.SQLException;
import java.util.Set;
import org.sqlite.SQLiteErrorCode;

/** Tells a file that is broken from a disk that takes nothing for now, and from one that is full. */
final class Damage {
    private static final Set<SQLiteErrorCode> BROKEN = Set.of(
            SQLiteErrorCode.SQLITE_CORRUPT,
            SQLiteErrorCode.SQLITE_NOTADB,
            SQLiteErrorCode.SQLITE_FORMAT,
            SQLiteErrorCode.SQLITE_SCHEMA,
            SQLiteErrorCode.SQLITE_MISMATCH,
            SQLiteErrorCode.SQLITE_CONSTRAINT,
            // A table or column that is not there.
            SQLiteErrorCode.SQLITE_ERROR);

    private Damage() {}

    static boolean isWantOfRoom(SQLException e) {
        return SQLiteErrorCode.getErrorCode(e.getErrorCode() & 0xFF) == SQLiteErrorCode.SQLITE_FULL;
    }

    /**
     * A file that cannot be read is broken, too: waiting does not bring a sector back. What cannot be written is not: a
     * full disk, one that may only be read, rights that are missing.
     */
    static boolean isIn(SQLException e) {
        int code = e.getErrorCode();
        SQLiteErrorCode primary = SQLiteErrorCode.getErrorCode(code & 0xFF);
        SQLiteErrorCode exact = SQLiteErrorCode.getErrorCode(code);
        return code > 0
                && (BROKEN.contains(primary)
                        || exact == SQLiteErrorCode.SQLITE_IOERR_READ
                        || exact == SQLiteErrorCode.SQLITE_IOERR_SHORT_READ
                        || exact == SQLiteErrorCode.SQLITE_IOERR_CORRUPTFS
                        || exact == SQLiteErrorCode.SQLITE_IOERR_DATA);
    }
}
