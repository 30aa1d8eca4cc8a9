package dev.tocsin.agent.spool;

import dev.tocsin.profiles.wire.Sequences;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Copies from a damaged spool file, row by row, whatever can still be read into a fresh one. Where pages in between are
 * broken it goes on behind them. For one thread.
 */
final class Salvage {
    private static final int PAGE_BYTES = 4096;
    /** Where the header of a file tells how many pages it has, and which of them are free (two numbers). */
    private static final int PAGES_AT = 28;

    private static final int FREE_PAGES_AT = 32;
    private static final int MESSAGE_IDS_SKIPPED = 1_000_000;

    private final Connection fresh;
    private final long nextAtLeast;
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

    private Salvage(Connection fresh, long nextAtLeast) {
        this.fresh = fresh;
        this.nextAtLeast = nextAtLeast;
    }

    /**
     * @param damaged nothing where there is no such file
     * @param nextAtLeast where that is known from elsewhere; 1 where it is not
     * @throws SQLException when the fresh file cannot be written
     */
    static Saved from(@Nullable Path damaged, Path fresh, long nextAtLeast) throws SQLException, IOException {
        try (Connection connection = SpoolSchema.open(fresh)) {
            Salvage salvage = new Salvage(connection, nextAtLeast);
            if (damaged == null) {
                return new Saved(null, nextAtLeast, SpoolFile.State.FIRST, 0, List.of(), true);
            }
            if (!salvage.attach(damaged)) {
                mendFirstPage(damaged, fresh.resolveSibling(fresh.getFileName() + ".template"));
                if (!salvage.attach(damaged)) {
                    return new Saved(null, nextAtLeast, SpoolFile.State.FIRST, 0, List.of(), true);
                }
            }
            return salvage.copy();
        }
    }

    private boolean attach(Path damaged) throws SQLException {
        Sql sql = new Sql(fresh);
        try {
            try (PreparedStatement attach = fresh.prepareStatement("ATTACH ? AS damaged")) {
                attach.setString(1, damaged.toString());
                attach.execute();
            }
            sql.number("SELECT count(*) FROM damaged.sqlite_master WHERE name = 'block'");
            return true;
        } catch (SQLException e) {
            try {
                sql.execute("DETACH damaged");
            } catch (SQLException notAttached) {
                // Then there is nothing to let go of.
            }
            return false;
        }
    }

    /**
     * The first page says where each table begins. Every file has the same there but for the number of its pages, so one
     * whose first page is garbage gets that of a fresh file.
     */
    private static void mendFirstPage(Path damaged, Path template) throws SQLException, IOException {
        Files.deleteIfExists(template);
        SpoolSchema.open(template).close();
        try (FileChannel from = FileChannel.open(template, StandardOpenOption.READ);
                FileChannel to = FileChannel.open(damaged, StandardOpenOption.WRITE)) {
            ByteBuffer page = ByteBuffer.allocate(PAGE_BYTES);
            from.read(page, 0);
            page.putInt(PAGES_AT, (int) (to.size() / PAGE_BYTES));
            page.putInt(FREE_PAGES_AT, 0);
            page.putInt(FREE_PAGES_AT + Integer.BYTES, 0);
            page.flip();
            to.write(page, 0);
            to.force(true);
        } finally {
            Files.deleteIfExists(template);
        }
    }

    private Saved copy() throws SQLException {
        fresh.setAutoCommit(false);
        for (String[] table :
                new String[][] {{"evicted", "first"}, {"unacked", "id"}, {"recent", "first"}, {"message", "id"}}) {
            moreLost |= !new Walk(table[0], table[1]).copyAll().isEmpty();
        }
        copyDocuments();
        List<Sequences.Range> broken = new Walk("block", "first").copyAll();
        Sql sql = new Sql(fresh);
        readings = sql.number("SELECT coalesce(sum(last - first + 1), 0) FROM block");
        long told = nextAtLeast;
        String epoch = null;
        try (Statement statement = fresh.createStatement();
                ResultSet row = statement.executeQuery("SELECT epoch, next_sequence FROM damaged.spool")) {
            if (row.next()) {
                epoch = row.getString(1);
                told = Math.max(told, row.getLong(2));
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
        fresh.commit();
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

    /** One table in the order of its key. */
    private final class Walk {
        private final String table;
        private final String key;
        private final List<Sequences.Range> broken = new ArrayList<>();

        Walk(String table, String key) {
            this.table = table;
            this.key = key;
        }

        /** @return the keys between which rows may have been that cannot be read */
        List<Sequences.Range> copyAll() throws SQLException {
            long after = -1;
            while (after < Sequences.LAST) {
                long reached = copyFrom(after);
                if (reached == Long.MAX_VALUE) {
                    break;
                }
                long next = readableAfter(reached);
                // A row of readings reaches further than its key; what it covers is not broken.
                long first = Math.max(1, endOf(reached) + 1);
                broken.add(new Sequences.Range(first, Math.max(first, next - 1)));
                after = next - 1;
            }
            return broken;
        }

        /** @return the last key before the walk broke off, or {@link Long#MAX_VALUE} at the end */
        private long copyFrom(long after) throws SQLException {
            long reached = after;
            try (Statement statement = fresh.createStatement();
                    ResultSet row =
                            statement.executeQuery("SELECT " + key + (table.equals("block") ? ", last" : ", " + key)
                                    + " FROM damaged." + table + " WHERE " + key + " > " + after + " ORDER BY " + key);
                    PreparedStatement copy = fresh.prepareStatement("INSERT OR REPLACE INTO main." + table
                            + " SELECT * FROM damaged." + table + " WHERE " + key + " = ?")) {
                while (row.next()) {
                    long one = row.getLong(1);
                    copy.setLong(1, one);
                    copyRow(copy, one, row.getLong(2));
                    reached = one;
                }
                return Long.MAX_VALUE;
            } catch (SQLException e) {
                if (!Damage.isIn(e)) {
                    throw e;
                }
                return reached;
            }
        }

        private void copyRow(PreparedStatement copy, long first, long last) throws SQLException {
            try {
                copy.executeUpdate();
            } catch (SQLException e) {
                if (!Damage.isIn(e)) {
                    throw e;
                }
                broken.add(new Sequences.Range(Math.max(0, first), Math.max(first, last)));
            }
        }

        private long endOf(long row) throws SQLException {
            if (row < 0 || !table.equals("block")) {
                return row;
            }
            long[] last = new Sql(fresh).pair("SELECT last, 0 FROM main.block WHERE first = " + row);
            return last == null ? row : last[0];
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

        /** -1 where it cannot be read. */
        private long keyFrom(long from) {
            try {
                long[] one = new Sql(fresh)
                        .pair("SELECT " + key + ", 0 FROM damaged." + table + " WHERE " + key + " >= " + from
                                + " ORDER BY " + key + " LIMIT 1");
                return one == null ? Sequences.LAST + 1 : one[0];
            } catch (SQLException e) {
                return -1;
            }
        }
    }
}
