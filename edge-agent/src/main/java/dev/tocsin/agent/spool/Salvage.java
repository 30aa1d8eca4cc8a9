package dev.tocsin.agent.spool;

import dev.tocsin.profiles.reading.DeviceReadings;
import dev.tocsin.profiles.wire.Sequences;
import dev.tocsin.profiles.wire.UplinkCodec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Copies from a damaged spool file, row by row, whatever can still be read into a fresh one. Where pages in between are
 * broken it goes on behind them. For one thread.
 */
final class Salvage {
    private static final Logger LOG = LoggerFactory.getLogger(Salvage.class);
    private static final Pattern EPOCH = Pattern.compile("[0-9a-f]{32}");
    private static final int MESSAGE_IDS_SKIPPED = 1_000_000;
    /** Broken places of one table, behind which one looks further. */
    private static final int MAX_BREAKS = 1_000;
    /** No spool ever gets there; a number above is garbage. */
    private static final long HIGHEST_NEXT = 1L << 60;

    private final Connection fresh;
    private final long nextAtLeast;
    private final Runnable saving;
    private final List<Sequences.Range> lost = new ArrayList<>();
    private long readings;
    private boolean moreLost;

    /**
     * What came of it.
     *
     * @param epoch of the damaged file; nothing where that cannot be read
     * @param next the lowest sequence that was surely never given out, as far as the damaged file tells
     * @param readings that were saved
     * @param lost readings, of which the broker may have had some
     * @param moreLost whether more may be lost than is listed, or something other than readings
     */
    record Saved(
            @Nullable String epoch,
            long next,
            SpoolFile.State state,
            long readings,
            List<Sequences.Range> lost,
            boolean moreLost) {}

    private Salvage(Connection fresh, long nextAtLeast, Runnable saving) {
        this.fresh = fresh;
        this.nextAtLeast = nextAtLeast;
        this.saving = saving;
    }

    /**
     * @param damaged nothing where there is no such file
     * @param nextAtLeast where that is known from elsewhere; 1 where it is not
     * @param saving runs with each row
     * @throws SQLException when the fresh file cannot be written
     */
    static Saved from(@Nullable Path damaged, Path fresh, long nextAtLeast, Runnable saving)
            throws SQLException, IOException {
        saving.run();
        try (Connection connection = SpoolSchema.open(fresh)) {
            // Straight into the file: a log beside it takes as much room again, and what did not fit of it was lost
            // with it.
            new Sql(connection).execute("PRAGMA main.journal_mode = MEMORY");
            Salvage salvage = new Salvage(connection, nextAtLeast, saving);
            if (damaged == null || Files.size(damaged) < FirstPage.BYTES) {
                return new Saved(null, nextAtLeast, SpoolFile.State.FIRST, 0, List.of(), true);
            }
            if (!salvage.attach(damaged) && !salvage.attachMended(damaged)) {
                return new Saved(null, nextAtLeast, SpoolFile.State.FIRST, 0, List.of(), true);
            }
            return salvage.copy();
        }
    }

    private boolean attach(Path damaged) throws SQLException {
        try {
            try (PreparedStatement attach = fresh.prepareStatement("ATTACH ? AS damaged")) {
                attach.setString(1, damaged.toString());
                attach.execute();
            }
            if (new Sql(fresh).number("SELECT count(*) FROM damaged.sqlite_master WHERE name IN ('block', 'kept')")
                    == 2) {
                return true;
            }
        } catch (SQLException e) {
            LOG.debug("the damaged file cannot be opened", e);
        }
        detach();
        return false;
    }

    private void detach() {
        try {
            new Sql(fresh).execute("DETACH damaged");
        } catch (SQLException notAttached) {
            LOG.debug("there is nothing to let go of", notAttached);
        }
    }

    /**
     * With the first page of a fresh file. That of a file which the first version made is tried first: by it the documents
     * are found in no file of today.
     */
    private boolean attachMended(Path damaged) throws SQLException, IOException {
        FirstPage.ofFirstVersion(damaged);
        if (attach(damaged)) {
            if (hasState()) {
                return true;
            }
            detach();
        }
        FirstPage.ofToday(damaged);
        return attach(damaged);
    }

    private boolean hasState() {
        try {
            return new Sql(fresh)
                            .number("SELECT count(*) FROM damaged.kept WHERE key = '' AND kind = '"
                                    + SpoolFile.State.KIND + "'")
                    == 1;
        } catch (SQLException e) {
            return false;
        }
    }

    private Saved copy() throws SQLException {
        Sql sql = new Sql(fresh);
        // Row by row; nothing counts before the whole of it is forced to the disk and takes the place of the other.
        sql.execute("PRAGMA synchronous = OFF");
        boolean ofFirst =
                sql.number("SELECT count(*) FROM pragma_table_info('block', 'damaged') WHERE name = 'since'") == 0;
        List<Sequences.Range> broken = new Walk(SpoolTable.BLOCK, ofFirst).copyAll();
        for (SpoolTable table : EnumSet.complementOf(EnumSet.of(SpoolTable.BLOCK))) {
            moreLost |= !new Walk(table, ofFirst).copyAll().isEmpty();
        }
        copyDocuments();
        readings = sql.number("SELECT coalesce(sum(last - first + 1), 0) FROM block");
        long told = nextAtLeast;
        String epoch = null;
        try (Statement statement = fresh.createStatement();
                ResultSet row = statement.executeQuery("SELECT epoch, next_sequence FROM damaged.spool")) {
            if (row.next()) {
                String read = row.getString(1);
                epoch = read != null && EPOCH.matcher(read).matches() ? read : null;
                told = row.getLong(2) > HIGHEST_NEXT ? told : Math.max(told, row.getLong(2));
            }
        } catch (SQLException e) {
            moreLost = true;
        }
        long next = Math.max(
                told,
                1
                        + sql.number("SELECT max(coalesce((SELECT max(last) FROM block), 0),"
                                + " coalesce((SELECT max(last) FROM evicted), 0))"));
        // Not to be given again: the broker may be about to confirm a message that is lost here.
        sql.execute("UPDATE main.sqlite_sequence SET seq = seq + " + MESSAGE_IDS_SKIPPED);
        sql.execute("INSERT INTO main.sqlite_sequence SELECT 'message', " + MESSAGE_IDS_SKIPPED
                + " WHERE NOT EXISTS (SELECT 1 FROM main.sqlite_sequence WHERE name = 'message')");
        SpoolFile.State state = state();
        for (Sequences.Range range : broken) {
            // Behind the last row that can be read there may have been anything, where nobody knows how far it went.
            moreLost |= range.last() == Sequences.LAST && nextAtLeast == 1;
            long last = Math.min(range.last(), next - 1);
            if (last >= range.first()) {
                lost.add(new Sequences.Range(range.first(), last));
            }
        }
        return new Saved(epoch, next, state, readings, List.copyOf(lost), moreLost);
    }

    private SpoolFile.State state() throws SQLException {
        try (Statement statement = fresh.createStatement();
                ResultSet row = statement.executeQuery(
                        "SELECT body FROM kept WHERE kind = '" + SpoolFile.State.KIND + "' AND key = ''")) {
            return row.next() ? SpoolFile.State.of(row.getBytes(1)) : SpoolFile.State.FIRST;
        }
    }

    /** From both ends, because their keys are no numbers between which one could look. */
    private void copyDocuments() {
        for (String order : List.of("", " ORDER BY kind DESC, key DESC")) {
            try (Statement statement = fresh.createStatement();
                    ResultSet row = statement.executeQuery("SELECT kind, key, body FROM damaged.kept" + order);
                    PreparedStatement insert =
                            fresh.prepareStatement("INSERT OR IGNORE INTO main.kept VALUES (?, ?, ?)")) {
                while (row.next()) {
                    insert.setString(1, row.getString(1));
                    insert.setString(2, row.getString(2));
                    insert.setBytes(3, row.getBytes(3));
                    insert.executeUpdate();
                }
                return;
            } catch (SQLException e) {
                moreLost = true;
            }
        }
    }

    /** The driver gives some errors of a broken file no code. */
    private static void rethrowUnlessDamage(SQLException e) throws SQLException {
        if (e.getErrorCode() != 0 && !Damage.isIn(e)) {
            throw e;
        }
    }

    /** One table in the order of its key. */
    private final class Walk {
        private final SpoolTable table;
        private final String key;
        /** The rows of the damaged file, in the columns of today. */
        private final String columns;

        private final List<Sequences.Range> broken = new ArrayList<>();
        /** Where the row of the key that was reached ends. */
        private long reachedEnd = -1;

        Walk(SpoolTable table, boolean ofFirst) {
            this.table = table;
            this.key = table.key;
            this.columns = ofFirst ? table.columnsOfFirst : table.columns;
        }

        /** @return the keys between which rows may have been that cannot be read */
        List<Sequences.Range> copyAll() throws SQLException {
            long after = -1;
            for (int breaks = 0; after < Sequences.LAST; breaks++) {
                if (breaks == MAX_BREAKS) {
                    broken.add(new Sequences.Range(after + 1, Sequences.LAST));
                    break;
                }
                long reached = copyFrom(after);
                if (reached == Long.MAX_VALUE) {
                    break;
                }
                long next = readableAfter(reached);
                if (reached == after && next == after + 1) {
                    // A row that can be read and cannot be true.
                    next = readableAfter(next);
                }
                // A row of readings reaches further than its key; what it covers is not broken.
                long first = Math.max(1, reachedEnd + 1);
                if (next > first) {
                    broken.add(new Sequences.Range(first, next - 1));
                }
                after = next - 1;
            }
            return broken;
        }

        /** @return the last key before the walk broke off, or {@link Long#MAX_VALUE} at the end */
        private long copyFrom(long after) throws SQLException {
            List<long[]> rows = new ArrayList<>();
            boolean whole = false;
            try (PreparedStatement copy = fresh.prepareStatement("INSERT OR REPLACE INTO main." + table.sqlName() + " ("
                    + table.columns + ") SELECT " + columns + " FROM damaged." + table.sqlName() + " WHERE " + key
                    + " = ?")) {
                // First the keys: a statement that fails on a broken page takes those with it that are under way.
                whole = readKeys(after, rows);
                for (long[] row : rows) {
                    saving.run();
                    copyRow(copy, row[0], row[1]);
                }
            } catch (SQLException e) {
                rethrowUnlessDamage(e);
            }
            if (whole) {
                return Long.MAX_VALUE;
            }
            reachedEnd = rows.isEmpty() ? after : rows.get(rows.size() - 1)[1];
            return rows.isEmpty() ? after : rows.get(rows.size() - 1)[0];
        }

        /** @return whether these are all */
        private boolean readKeys(long after, List<long[]> rows) throws SQLException {
            try (Statement statement = fresh.createStatement();
                    ResultSet row = statement.executeQuery("SELECT " + key + (isBlock() ? ", last" : ", " + key)
                            + " FROM damaged." + table.sqlName() + " WHERE " + key + " > " + after + " ORDER BY "
                            + key)) {
                long previous = after;
                while (row.next()) {
                    long one = row.getLong(1);
                    // Pages that are garbage may lead in circles, or to numbers after which none are left.
                    if (one <= previous || row.getLong(2) < one || row.getLong(2) > HIGHEST_NEXT) {
                        return false;
                    }
                    rows.add(new long[] {one, row.getLong(2)});
                    saving.run();
                    previous = one;
                }
                return true;
            } catch (SQLException e) {
                rethrowUnlessDamage(e);
                return false;
            }
        }

        /** Whether it decodes to exactly the readings that it should: SQLite keeps no sums of its pages. */
        private boolean holds(long first, long last) throws SQLException {
            try (Statement statement = fresh.createStatement();
                    ResultSet row =
                            statement.executeQuery("SELECT packed, body FROM damaged.block WHERE first = " + first)) {
                if (!row.next()) {
                    return false;
                }
                byte[] body = row.getBytes(2);
                List<byte[]> blocks = row.getInt(1) != 0 ? PackedBlocks.unpack(body) : List.of(body);
                Sequences held = new Sequences();
                for (DeviceReadings readings : UplinkCodec.decodeBatch(
                                UplinkCodec.encodeBatch("any", List.of(), blocks))
                        .readings()) {
                    held.add(readings.firstSequence(), readings.firstSequence() + readings.count() - 1);
                }
                return held.ranges().equals(List.of(new Sequences.Range(first, last)));
            } catch (IOException | UplinkCodec.BadBatchException | RuntimeException e) {
                return false;
            }
        }

        private boolean isBlock() {
            return table == SpoolTable.BLOCK;
        }

        private void copyRow(PreparedStatement copy, long first, long last) throws SQLException {
            try {
                if (isBlock() && !holds(first, last)) {
                    broken.add(new Sequences.Range(Math.max(1, first), last));
                    return;
                }
                copy.setLong(1, first);
                copy.executeUpdate();
            } catch (SQLException e) {
                rethrowUnlessDamage(e);
                broken.add(new Sequences.Range(Math.max(0, first), Math.max(first, last)));
            }
        }

        /** The first key that can be read again after one; {@link Sequences#LAST} + 1 for none. */
        private long readableAfter(long key) {
            long unreadable = key;
            long step = 1;
            while (step < Sequences.LAST && keyFrom(key + step) < 0) {
                unreadable = key + step;
                step *= 2;
            }
            if (step >= Sequences.LAST) {
                return Sequences.LAST + 1;
            }
            long found = keyFrom(key + step);
            long low = unreadable;
            long high = key + step;
            while (high - low > 1) {
                long middle = low + (high - low) / 2;
                long one = keyFrom(middle);
                if (one < 0) {
                    low = middle;
                } else {
                    found = one;
                    high = middle;
                }
            }
            return found;
        }

        /** -1 where it cannot be read, or not be true. */
        private long keyFrom(long from) {
            saving.run();
            try {
                long[] one = new Sql(fresh)
                        .pair("SELECT " + key + ", 0 FROM damaged." + table + " WHERE " + key + " >= " + from
                                + " ORDER BY " + key + " LIMIT 1");
                return one == null ? Sequences.LAST + 1 : one[0] > HIGHEST_NEXT ? -1 : one[0];
            } catch (SQLException e) {
                return -1;
            }
        }
    }
}
