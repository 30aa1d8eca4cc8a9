package dev.tocsin.agent.spool;

import dev.tocsin.profiles.wire.Lane;
import dev.tocsin.profiles.wire.Sequences;
import java.io.IOException;
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

/** What waits for the broker, in order. Its own connection, so that it never holds up the writer. For one thread. */
public final class SpoolReader implements AutoCloseable {
    /** Of one batch: what a broker and a stream can take without a thought. */
    private static final int MAX_EVICTED = 256;

    private final Connection connection;
    private final PreparedStatement blocks;
    private final PreparedStatement messages;

    /**
     * Encoded blocks of one commit, or of several that were packed together.
     *
     * @param bodies what {@link dev.tocsin.profiles.wire.UplinkCodec#encodeBatch} takes; none where the disk damaged them
     */
    public record Row(long first, long last, long atMs, List<byte[]> bodies, int bytes) {}

    /** A row of a lane other than the readings'. */
    public record Message(long id, byte[] body) {}

    /**
     * What is stored and not delivered.
     *
     * @param bytes of the bodies
     */
    public record Depth(long blocks, long alerts, long others, long bytes) {}

    public SpoolReader(Path path) {
        this(path, false);
    }

    /** For who only looks, beside an agent or without one: nothing is ever written. */
    public static SpoolReader readOnly(Path path) {
        return new SpoolReader(path, true);
    }

    private SpoolReader(Path path, boolean nothingIsWritten) {
        try {
            connection = nothingIsWritten ? SpoolSchema.openToLook(path) : SpoolSchema.open(path, true);
            // A row that was packed meanwhile may begin before the cursor and end behind it.
            blocks = connection.prepareStatement("SELECT first, last, at, packed, body FROM block WHERE first >= "
                    + "coalesce((SELECT max(first) FROM block WHERE first <= ?1), 0) AND last > ?1 AND first <= ?2"
                    + " ORDER BY first");
            messages = connection.prepareStatement(
                    "SELECT id, body FROM message WHERE lane = ? AND id > ? ORDER BY id LIMIT ?");
        } catch (SQLException e) {
            throw new SpoolException("the spool " + path + " cannot be read: " + e.getMessage(), e);
        }
    }

    private static List<byte[]> bodies(boolean packed, byte[] body) {
        try {
            return packed ? PackedBlocks.unpack(body) : List.of(body);
        } catch (IOException e) {
            return List.of();
        }
    }

    /** Rows that end after {@code after} and begin at or before {@code upTo}, at least one if there is any; a damaged one comes alone. */
    public List<Row> blocks(long after, long upTo, int maxBytes) {
        List<Row> rows = new ArrayList<>();
        int bytes = 0;
        try {
            blocks.setLong(1, after);
            blocks.setLong(2, upTo);
            try (ResultSet row = blocks.executeQuery()) {
                while (bytes < maxBytes && row.next()) {
                    byte[] body = row.getBytes(5);
                    List<byte[]> bodies = bodies(row.getInt(4) != 0, body);
                    if (bodies.isEmpty() && !rows.isEmpty()) {
                        return rows;
                    }
                    int size = bodies.stream().mapToInt(b -> b.length).sum();
                    rows.add(new Row(row.getLong(1), row.getLong(2), row.getLong(3), bodies, size));
                    bytes += bodies.isEmpty() ? maxBytes : size;
                }
            }
            return rows;
        } catch (SQLException e) {
            throw new SpoolException("blocks cannot be read: " + e.getMessage(), e);
        }
    }

    public List<Message> messages(Lane lane, long after, int max) {
        List<Message> found = new ArrayList<>();
        try {
            messages.setString(1, lane.topicLevel());
            messages.setLong(2, after);
            messages.setInt(3, max);
            try (ResultSet row = messages.executeQuery()) {
                while (row.next()) {
                    found.add(new Message(row.getLong(1), row.getBytes(2)));
                }
            }
            return found;
        } catch (SQLException e) {
            throw new SpoolException("messages of lane " + lane + " cannot be read: " + e.getMessage(), e);
        }
    }

    /** What was evicted and not yet reported. */
    public List<Sequences.Range> evicted() {
        List<Sequences.Range> ranges = new ArrayList<>();
        try (Statement statement = connection.createStatement();
                ResultSet row =
                        statement.executeQuery("SELECT first, last FROM evicted ORDER BY first LIMIT " + MAX_EVICTED)) {
            while (row.next()) {
                ranges.add(new Sequences.Range(row.getLong(1), row.getLong(2)));
            }
            return ranges;
        } catch (SQLException e) {
            throw new SpoolException("evicted ranges cannot be read: " + e.getMessage(), e);
        }
    }

    /** When the oldest block was committed, 0 when there is none. */
    public long oldestAtMs() {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SELECT at FROM block ORDER BY first LIMIT 1")) {
            return row.next() ? row.getLong(1) : 0;
        } catch (SQLException e) {
            throw new SpoolException("the oldest block cannot be read: " + e.getMessage(), e);
        }
    }

    public Depth depth() {
        String alert = "'" + Lane.ALERT.topicLevel() + "'";
        try (Statement statement = connection.createStatement();
                ResultSet row =
                        statement.executeQuery("SELECT (SELECT count(*) FROM block), (SELECT count(*) FROM message"
                                + " WHERE lane = " + alert + "), (SELECT count(*) FROM message WHERE lane <> " + alert
                                + "), (SELECT coalesce(sum(length(body)), 0) FROM block)"
                                + " + (SELECT coalesce(sum(length(body)), 0) FROM message)")) {
            row.next();
            return new Depth(row.getLong(1), row.getLong(2), row.getLong(3), row.getLong(4));
        } catch (SQLException e) {
            throw new SpoolException("the spool cannot be counted: " + e.getMessage(), e);
        }
    }

    Map<String, byte[]> kept(String kind) {
        Map<String, byte[]> documents = new HashMap<>();
        try (PreparedStatement query = connection.prepareStatement("SELECT key, body FROM kept WHERE kind = ?")) {
            query.setString(1, kind);
            try (ResultSet row = query.executeQuery()) {
                while (row.next()) {
                    documents.put(row.getString(1), row.getBytes(2));
                }
            }
            return documents;
        } catch (SQLException e) {
            throw new SpoolException("documents of kind " + kind + " cannot be read: " + e.getMessage(), e);
        }
    }

    @Override
    public void close() {
        try {
            connection.close();
        } catch (SQLException e) {
            throw new SpoolException("closing failed: " + e.getMessage(), e);
        }
    }
}
