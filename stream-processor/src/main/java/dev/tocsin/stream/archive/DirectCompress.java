package dev.tocsin.stream.archive;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.BitSet;

/**
 * Asks TimescaleDB to compress in memory what this transaction copies. Until the policy merges them, each transaction has
 * a batch of its own for each series, of half a kilobyte however few rows it holds, where a row that is not compressed
 * takes 95 bytes: so it is asked for where there are enough rows of a series. Any other server ignores it: plain
 * PostgreSQL, a version or a licence without it.
 */
final class DirectCompress {
    private static final String ASK = """
            select set_config('timescaledb.enable_direct_compress_copy', 'on', true)
            where current_setting('timescaledb.enable_direct_compress_copy', true) is not null""";
    static final int ROWS_A_SERIES = 10;

    private DirectCompress() {}

    /**
     * Until the end of the transaction.
     *
     * @param ids of series; 0 is none
     */
    static void askFor(Connection connection, int[][] ids, int rows) throws SQLException {
        if (rows < ROWS_A_SERIES * series(ids)) {
            return;
        }
        try (PreparedStatement ask = connection.prepareStatement(ASK)) {
            ask.execute();
        }
    }

    private static int series(int[][] ids) {
        BitSet series = new BitSet();
        for (int[] ofPart : ids) {
            for (int id : ofPart) {
                series.set(id);
            }
        }
        series.clear(0);
        return series.cardinality();
    }
}
