package dev.tocsin.agent.spool;

import dev.tocsin.profiles.wire.Sequences;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.sqlite.SQLiteErrorCode;

/**
 * The files of the spool. Opens the one that is in use, and replaces it by what can be saved of it where it is damaged,
 * older than it must be, or another one's: the former file is set aside, {@link #MAX_SET_ASIDE} of them are kept. For the
 * writer thread, and the one that makes the spool.
 */
final class SpoolFolder implements AutoCloseable {
    static final int MAX_SET_ASIDE = 2;
    /** So much more must be free before it is tried once more to save what did not fit: that reads all of it. */
    private static final long ROOM_STEP = 1024 * 1024;
    /**
     * How far sequences jump where nobody knows which of them the lost end of a file had given out. The broker may have
     * those, and would take another reading of that number for the same one.
     */
    static final long JUMP = 1L << 32;

    private static final Logger LOG = LoggerFactory.getLogger(SpoolFolder.class);
    private static final List<String> PARTS = List.of("", "-wal", "-shm");

    private final Path path;
    private final SpoolLimits limits;
    /** What the broker has of rows that are still there. */
    private final Sequences confirmed = new Sequences();

    private final Runnable whileSaving;
    private final SpoolLock lock;
    private boolean condemned;
    /** What became of the former file, until somebody has the one that goes on. */
    private @Nullable Lost untold;
    /** Free bytes below which what can be read of the file was found not to fit. */
    private long roomNeeded;

    /**
     * What the process that runs knows of the file it had open.
     *
     * @param next sequence
     * @param commit the one that is to be made, and may have been made
     * @param summary of that file, where it was open
     */
    record Known(String epoch, long next, long commit, SpoolFile.@Nullable Summary summary) {}

    /**
     * @param unacked what the last run remembered of messages and had not forgotten; nothing when the file is only opened
     *     again, and so with {@code recent}, the hashes of the newest readings
     * @param lost what became of the former file, nothing where it is simply open
     */
    record Opened(
            SpoolFile file,
            List<Redelivery.Row> unacked,
            long[] recent,
            @Nullable Lost lost) {
        /** @param known by the process, which has the rest in its memory */
        static Opened of(SpoolFile file, boolean known) throws SQLException {
            try {
                return known
                        ? new Opened(file, List.of(), new long[0], null)
                        : new Opened(file, file.unacked(), file.recent(), null);
            } catch (SQLException e) {
                file.close();
                throw e;
            }
        }

        Opened telling(@Nullable Lost lost) {
            return new Opened(file, unacked, recent, lost);
        }
    }

    /** @param more whether more may be lost than the readings that are counted */
    record Lost(String why, List<Sequences.Range> readings, boolean more) {
        Loss loss() {
            long count =
                    readings.stream().mapToLong(r -> r.last() - r.first() + 1).sum();
            return Loss.ofReadings(count, 0, 0);
        }
    }

    /** @param whileSaving see {@link Spool} */
    SpoolFolder(Path path, SpoolLimits limits, Runnable whileSaving) {
        this.path = path;
        this.limits = limits;
        this.whileSaving = whileSaving;
        this.lock = new SpoolLock(path);
    }

    Path path() {
        return path;
    }

    /**
     * Whether every page holds together; reads all of them, by a connection that has none of them in its memory.
     *
     * @throws SQLException when it cannot be read at all
     */
    boolean isWhole() throws SQLException {
        try (Connection fresh = SpoolSchema.openToRead(path);
                Statement statement = fresh.createStatement();
                ResultSet row = statement.executeQuery("PRAGMA integrity_check(1)")) {
            return row.next() && row.getString(1).equals("ok");
        }
    }

    /** The file was found to be damaged: the next {@link #open} replaces it, whatever can be read of it. */
    void condemn() {
        condemned = true;
    }

    /**
     * @param known nothing at the start
     * @throws SQLException when the disk takes nothing now; so does {@link IOException}
     * @throws SpoolException when another agent has it
     */
    Opened open(@Nullable Known known) throws SQLException, IOException {
        lock.take();
        finishReplacement();
        SpoolLock.Mark mark = lock.mark();
        boolean there = Files.exists(path) && Files.size(path) > 0;
        boolean logGone = mark != null && mark.open() && there && !Files.exists(part("-wal"));
        Opened opened;
        if (condemned) {
            opened = replace(known, mark, "it is damaged");
        } else if (!there && (mark != null || known != null)) {
            opened = replace(known, mark, "it is gone");
        } else {
            opened = openOrReplace(known, mark, logGone && known == null);
        }
        try {
            forceLog();
            lock.mark(new SpoolLock.Mark(opened.file().epoch(), opened.file().nextSequence(), true));
        } catch (IOException e) {
            opened.file().close();
            throw e;
        }
        Opened telling = opened.telling(untold);
        untold = null;
        return telling;
    }

    /**
     * A run that was killed may have written a commit and not forced it any more. This one sees it, and so does the broker
     * soon: so that it outlives the power from here on, and before the mark does, which asks for it.
     */
    private void forceLog() throws IOException {
        Path log = part("-wal");
        if (Files.exists(log)) {
            SpoolLock.force(log);
        }
        SpoolLock.force(path.toAbsolutePath().getParent());
    }

    private Opened openOrReplace(@Nullable Known known, SpoolLock.@Nullable Mark mark, boolean logGone)
            throws SQLException, IOException {
        SpoolFile.Summary summary = known == null ? null : known.summary();
        Opened opened;
        try {
            opened = Opened.of(new SpoolFile(path, limits, confirmed, summary), known != null);
        } catch (SQLException e) {
            if (!Damage.isIn(e)) {
                throw e;
            }
            return replace(known, mark, "it is damaged (" + e.getMessage() + ")");
        }
        SpoolFile file = opened.file();
        String epoch = known != null ? known.epoch() : mark != null ? mark.epoch() : file.epoch();
        long next = known != null ? known.next() : mark != null ? mark.next() : 1;
        if (!file.epoch().equals(epoch) && known != null) {
            file.close();
            return replace(known, mark, "it was exchanged for another one");
        }
        boolean another = !file.epoch().equals(epoch);
        if (another || logGone || file.nextSequence() < next) {
            String why =
                    another ? "it is another one than before" : logGone ? "its log is gone" : "it is older than before";
            LOG.error("the spool {} has lost what was written last: {}", path, why);
            long jump = known != null ? next : Math.max(another ? 1 : next, file.nextSequence()) + JUMP;
            try {
                file.skipTo(jump);
            } catch (SQLException e) {
                file.close();
                throw e;
            }
            untold = new Lost(why, List.of(), true);
        }
        return opened;
    }

    /** Every step can be repeated, so that a kill in between loses nothing that the former file still has. */
    private Opened replace(@Nullable Known known, SpoolLock.@Nullable Mark mark, String why)
            throws SQLException, IOException {
        LOG.error("the spool {} cannot be used any more: {}; what can be read of it is saved", path, why);
        Path building = path.resolveSibling(path.getFileName() + ".building");
        deleteAll(building);
        boolean usable = Files.exists(path) && !why.contains("exchanged");
        Salvage.Saved saved = save(usable ? path : null, building, known, mark);
        for (String part : PARTS.subList(1, PARTS.size())) {
            Files.deleteIfExists(building.resolveSibling(building.getFileName() + part));
        }
        SpoolLock.force(building);
        Path saving = path.resolveSibling(path.getFileName() + ".saved");
        Files.move(building, saving, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        setAside();
        finishReplacement();
        // From here on the file is a good one, also where the disk that this filled up does not let it be opened yet.
        condemned = false;
        untold = new Lost(why, saved.lost(), saved.moreLost());
        LOG.error(
                "the spool {} goes on with {} readings saved, {} lost {}{}",
                path,
                saved.readings(),
                untold.loss().readings(),
                saved.lost(),
                saved.moreLost() ? ", and perhaps more that nobody knows of" : "");
        return Opened.of(new SpoolFile(path, limits, confirmed, null), known != null);
    }

    private Salvage.Saved save(
            @Nullable Path damaged, Path building, @Nullable Known known, SpoolLock.@Nullable Mark mark)
            throws SQLException, IOException {
        long room = Files.getFileStore(path.toAbsolutePath().getParent()).getUsableSpace();
        if (room < roomNeeded) {
            throw new IOException("what can be read of it does not fit into the " + room + " bytes that are free");
        }
        try {
            Salvage.Saved saved = Salvage.from(damaged, building, known == null ? 1 : known.next(), whileSaving);
            String epoch = known != null
                    ? known.epoch()
                    : saved.epoch() != null ? saved.epoch() : mark != null ? mark.epoch() : SpoolSchema.newEpoch();
            settle(building, known, mark, saved, epoch);
            Path log = building.resolveSibling(building.getFileName() + "-wal");
            if (Files.exists(log) && Files.size(log) > 0) {
                throw new SQLException(log + " does not fit into its file", null, SQLiteErrorCode.SQLITE_FULL.code);
            }
            roomNeeded = 0;
            return saved;
        } catch (SQLException e) {
            if (Damage.isWantOfRoom(e)) {
                deleteAll(building);
                roomNeeded = makeRoom() ? 0 : room + ROOM_STEP;
            }
            throw e;
        }
    }

    private static void settle(
            Path building, @Nullable Known known, SpoolLock.@Nullable Mark mark, Salvage.Saved saved, String epoch)
            throws SQLException {
        try (Connection connection = SpoolSchema.open(building)) {
            Sql sql = new Sql(connection);
            connection.setAutoCommit(false);
            long next = Math.max(saved.next(), mark == null || !mark.epoch().equals(epoch) ? 1 : mark.next()) + JUMP;
            if (known != null) {
                boolean done = saved.state().commit() == known.commit();
                // Of the commit that was under way all is there, or nothing is: it is made once more.
                if (!done) {
                    sql.execute("DELETE FROM block WHERE first >= " + known.next());
                }
                next = done ? saved.next() : known.next();
            }
            sql.execute("UPDATE spool SET epoch = '" + epoch + "', next_sequence = " + next);
            for (Sequences.Range range : saved.lost()) {
                sql.execute("INSERT OR REPLACE INTO evicted VALUES (" + range.first() + ", " + range.last() + ")");
            }
            if (known == null && saved.next() < next) {
                sql.execute("INSERT OR REPLACE INTO evicted VALUES (" + saved.next() + ", " + (next - 1) + ")");
            }
            try (PreparedStatement put =
                    connection.prepareStatement("INSERT OR REPLACE INTO kept (kind, key, body) VALUES (?, '', ?)")) {
                put.setString(1, SpoolFile.State.KIND);
                put.setBytes(2, saved.state().afterLoss().toBytes());
                put.executeUpdate();
            }
            connection.commit();
        }
    }

    /** What was saved takes the place of a file that was set aside. */
    private void finishReplacement() throws IOException {
        Path saved = path.resolveSibling(path.getFileName() + ".saved");
        if (!Files.exists(saved)) {
            return;
        }
        if (Files.exists(path)) {
            setAside();
        }
        Files.deleteIfExists(part("-wal"));
        Files.deleteIfExists(part("-shm"));
        SpoolLock.force(path.toAbsolutePath().getParent());
        Files.move(saved, path, StandardCopyOption.ATOMIC_MOVE);
        SpoolLock.force(path.toAbsolutePath().getParent());
    }

    private void setAside() throws IOException {
        List<Path> aside = setAsideBefore();
        long number = aside.isEmpty() ? 1 : numberOf(aside.get(aside.size() - 1)) + 1;
        while (aside.size() >= MAX_SET_ASIDE) {
            deleteAll(aside.remove(0));
        }
        for (String part : List.of("-wal", "-shm", "")) {
            if (Files.exists(part(part))) {
                Files.move(part(part), path.resolveSibling(path.getFileName() + ".damaged-" + number + part));
            }
        }
    }

    /**
     * What was set aside is for people to look at, and gives way to what the agent needs.
     *
     * @return whether there was anything
     */
    boolean makeRoom() {
        try {
            List<Path> aside = setAsideBefore();
            if (aside.isEmpty()) {
                return false;
            }
            LOG.warn("the disk is full: {}, which was set aside, is deleted", aside.get(0));
            deleteAll(aside.get(0));
            return true;
        } catch (IOException e) {
            LOG.warn("making room for the spool {}: {}", path, e.getMessage());
            return false;
        }
    }

    private List<Path> setAsideBefore() throws IOException {
        String begin = path.getFileName() + ".damaged-";
        try (Stream<Path> files = Files.list(path.toAbsolutePath().getParent())) {
            return new ArrayList<>(
                    files.filter(file -> file.getFileName().toString().matches(Pattern.quote(begin) + "\\d{1,9}"))
                            .sorted(Comparator.comparingLong(SpoolFolder::numberOf))
                            .toList());
        }
    }

    private static long numberOf(Path aside) {
        String name = aside.getFileName().toString();
        return Long.parseLong(name.substring(name.lastIndexOf('-') + 1));
    }

    static void deleteAll(Path file) throws IOException {
        for (String part : PARTS) {
            Files.deleteIfExists(file.resolveSibling(file.getFileName() + part));
        }
    }

    private Path part(String part) {
        return path.resolveSibling(path.getFileName() + part);
    }

    /** To be called once the file holds all of its log, and before it is closed. */
    void closed(String epoch, long next) throws IOException {
        lock.mark(new SpoolLock.Mark(epoch, next, false));
    }

    @Override
    public void close() throws IOException {
        lock.close();
    }
}
