package dev.tocsin.stream.archive;

import java.sql.SQLException;
import org.jspecify.annotations.Nullable;

/** Whose fault a failed statement is. */
enum StoreFault {
    /** The values: the same rows would fail again, others would not. */
    DATA,
    /** The server, the network, the rights, the schema: the same rows will be taken once somebody has mended it. */
    AWAY;

    /**
     * By the class of the SQLState: 22 data exception, 23 constraint, 54 a limit of the server such as an index entry's
     * length. Everything else says nothing about the values.
     */
    static StoreFault of(SQLException e) {
        @Nullable String state = e.getSQLState();
        boolean data = state != null && (state.startsWith("22") || state.startsWith("23") || state.startsWith("54"));
        return data ? DATA : AWAY;
    }
}
