package dev.tocsin.agent.spool;

import dev.tocsin.profiles.wire.Lane;
import dev.tocsin.profiles.wire.Sequences;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What waits for the broker, in order. Its own connection, so that it never holds up the writer; opened when it is needed,
 * and again when the file was replaced. For one thread.
 */
public final class SpoolReader implements AutoCloseable {
    /** Of one batch: what a broker and a stream can take without a thought. */
    private static final int MAX_EVICTED = 256;

    private static final Logger LOG = LoggerFactory.getLogger(SpoolReader.class);

    private final Path path;
    private final LongSupplier generation;
    private final Runnable onDamage;
    private @Nullable Connection connection;
    private long openedAs;

    /**
     * Encoded blocks of one commit, or of several that were packed together.
     *
     * @param bodies what {@link dev.tocsin.profiles.wire.UplinkCodec#encodeBatch} takes; none where the disk damaged them
     */
    public record Row(long first, long last, List<byte[]> bodies, int bytes) {}

    /** A row of a lane other than the readings'. */
    public record Message(long id, byte[] body) {}

    /**
     * What is stored and not delivered.
     *
     * @param bytes of the bodies
     */
    public record Depth(long blocks, long alerts, long others, long bytes) {}

    /** For who only looks, beside an agent or without one: nothing is ever written. */
    public static SpoolReader readOnly(Path path) {
        return new SpoolReader(path, () -> 0, () -> {});
    }

    /**
     * @param generation of the file, another number when it has been replaced
     * @param onDamage told when the file cannot be read for what is in it
     */
    SpoolReader(Path path, LongSupplier generation, Runnable onDamage) {
        this.path = path;
        this.generation = generation;
        this.onDamage = onDamage;
    }

    private interface Query<T> {
        T on(Connection connection) throws SQLException;
    }

    /** Opens the file where it is not open, or no longer the one in use. */
    private <T> T ask(String what, Query<T> query) {
        try {
            long now = generation.getAsLong();
            if (connection != null && openedAs != now) {
                close();
            }
            openedAs = now;
            Connection open = connection;
            if (open == null) {
                open = open();
                connection = open;
            }
            return query.on(open);
        } catch (SQLException e) {
            close();
            if (Damage.isIn(e)) {
                onDamage.run();
            }
            throw new SpoolException(what + " cannot be read from " + path + ": " + e.getMessage(), e);
        }
    }

    private Connection open() throws SQLException {
        try {
            Connection open = SpoolSchema.openToRead(path);
            new Sql(open).number("PRAGMA user_version");
            return open;
        } catch (SQLException e) {
            if (Damage.isIn(e) || !Files.exists(path)) {
                throw e;
            }
            return SpoolSchema.openFrozen(path);
        }
    }

    private static List<byte[]> bodies(boolean packed, byte @Nullable [] body) {
        if (body == null) {
            return List.of();
        }
        try {
            return packed ? PackedBlocks.unpack(body) : List.of(body);
        } catch (IOException e) {
            return List.of();
        }
    }

    /**
     * Rows that end after {@code after} and begin at or before {@code upTo}, at least one if there is any; a damaged one
     * comes alone.
     *
     * @throws SpoolException when they cannot be read now; so do all others
     */
    public List<Row> blocks(long after, long upTo, int maxBytes) {
        // A row that was packed meanwhile may begin before the cursor and end behind it.
        String sql = "SELECT first, last, packed, body FROM block WHERE first >= "
                + "coalesce((SELECT max(first) FROM block WHERE first <= ?1), 0) AND last > ?1 AND first <= ?2"
                + " ORDER BY first";
        return ask("readings", open -> {
            List<Row> rows = new ArrayList<>();
            try (PreparedStatement blocks = open.prepareStatement(sql)) {
                blocks.setLong(1, after);
                blocks.setLong(2, upTo);
                try (ResultSet row = blocks.executeQuery()) {
                    collect(row, maxBytes, rows);
                }
            }
            return rows;
        });
    }

    private static void collect(ResultSet row, int maxBytes, List<Row> rows) throws SQLException {
        int bytes = 0;
        while (bytes < maxBytes && row.next()) {
            List<byte[]> bodies = bodies(row.getInt(3) != 0, row.getBytes(4));
            if (bodies.isEmpty() && !rows.isEmpty()) {
                return;
            }
            int size = bodies.stream().mapToInt(b -> b.length).sum();
            rows.add(new Row(row.getLong(1), row.getLong(2), bodies, size));
            bytes += bodies.isEmpty() ? maxBytes : size;
        }
    }

    public List<Message> messages(Lane lane, long after, int max) {
        return ask("messages of lane " + lane, open -> {
            List<Message> found = new ArrayList<>();
            try (PreparedStatement messages = open.prepareStatement(
                    "SELECT id, body FROM message WHERE lane = ? AND id > ? ORDER BY id LIMIT ?")) {
                messages.setString(1, lane.topicLevel());
                messages.setLong(2, after);
                messages.setInt(3, max);
                try (ResultSet row = messages.executeQuery()) {
                    while (row.next()) {
                        byte[] body = row.getBytes(2);
                        // Of a damaged one the cloud says that it cannot be read; who waited here would wait for ever.
                        found.add(new Message(row.getLong(1), body == null ? new byte[0] : body));
                    }
                }
            }
            return found;
        });
    }

    /** What was evicted and not yet reported. */
    public List<Sequences.Range> evicted() {
        return ask("evicted ranges", open -> {
            List<Sequences.Range> ranges = new ArrayList<>();
            try (Statement statement = open.createStatement();
                    ResultSet row = statement.executeQuery(
                            "SELECT first, last FROM evicted ORDER BY first LIMIT " + MAX_EVICTED)) {
                while (row.next()) {
                    ranges.add(new Sequences.Range(row.getLong(1), row.getLong(2)));
                }
            }
            return ranges;
        });
    }

    /** How long the oldest block has been stored, by the clock of {@link SpoolAge} at the last commit; 0 when there is none. */
    public long oldestAgeMs() {
        return ask("the oldest block", open -> {
            long[] oldest = new Sql(open).pair("SELECT at, 0 FROM block ORDER BY first LIMIT 1");
            return oldest == null ? 0 : Math.max(0, SpoolFile.readState(open).ageMs() - oldest[0]);
        });
    }

    public Depth depth() {
        String alert = "'" + Lane.ALERT.topicLevel() + "'";
        return ask("what is stored", open -> {
            try (Statement statement = open.createStatement();
                    ResultSet row =
                            statement.executeQuery("SELECT (SELECT count(*) FROM block), (SELECT count(*) FROM message"
                                    + " WHERE lane = " + alert + "), (SELECT count(*) FROM message WHERE lane <> "
                                    + alert + "), (SELECT coalesce(sum(length(body)), 0) FROM block)"
                                    + " + (SELECT coalesce(sum(length(body)), 0) FROM message)")) {
                row.next();
                return new Depth(row.getLong(1), row.getLong(2), row.getLong(3), row.getLong(4));
            }
        });
    }

    Map<String, byte[]> kept(String kind) {
        return ask("documents of kind " + kind, open -> {
            Map<String, byte[]> documents = new HashMap<>();
            try (PreparedStatement query =
                    open.prepareStatement("SELECT key, body FROM kept WHERE kind = ? AND typeof(body) = 'blob'")) {
                query.setString(1, kind);
                try (ResultSet row = query.executeQuery()) {
                    while (row.next()) {
                        documents.put(row.getString(1), row.getBytes(2));
                    }
                }
            }
            return documents;
        });
    }

    @Override
    public void close() {
        Connection open = connection;
        connection = null;
        if (open != null) {
            try {
                open.close();
            } catch (SQLException e) {
                LOG.debug("closing a reader", e);
            }
        }
    }
}
