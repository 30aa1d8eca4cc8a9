package dev.tocsin.standalone.broker;

import io.netty.channel.Channel;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Set;
import java.util.TreeSet;
import org.apache.activemq.artemis.spi.core.protocol.RemotingConnection;

/**
 * Remembers on the disk which sessions outlive their connection. Artemis stores a session's subscriptions but not
 * that: after a kill it would keep the queue of every client that happened to look in, and fill the disk with messages
 * that nobody will ever fetch. One client id a line. Safe for many threads.
 */
final class SessionLedger {
    private final Path file;
    private final Set<String> lasting;
    private final boolean wasMissing;

    private SessionLedger(Path file, Set<String> lasting, boolean wasMissing) {
        this.file = file;
        this.lasting = lasting;
        this.wasMissing = wasMissing;
    }

    static SessionLedger open(Path file) throws IOException {
        boolean missing = !Files.exists(file);
        return new SessionLedger(file, missing ? new TreeSet<>() : new TreeSet<>(Files.readAllLines(file)), missing);
    }

    /** Whether the session ended with the connection it had; a ledger that was lost says so of none. */
    synchronized boolean ended(String clientId) {
        return !wasMissing && !lasting.contains(clientId);
    }

    /** Notes what this connection's CONNECT asked for; on the disk before the client is answered. */
    void connected(RemotingConnection connection) {
        Channel channel = ArrivingPackets.channel(connection);
        Integer expirySeconds = channel == null
                ? null
                : channel.attr(ArrivingPackets.SESSION_EXPIRY).get();
        if (expirySeconds != null) {
            note(connection.getClientID(), expirySeconds != 0);
        }
    }

    private synchronized void note(String clientId, boolean lasts) {
        boolean changed = lasts ? lasting.add(clientId) : lasting.remove(clientId);
        if (!changed && Files.exists(file)) {
            return;
        }
        Path fresh = file.resolveSibling(file.getFileName() + ".new");
        try {
            Files.write(
                    fresh,
                    lasting,
                    StandardCharsets.UTF_8,
                    StandardOpenOption.CREATE,
                    StandardOpenOption.TRUNCATE_EXISTING,
                    StandardOpenOption.WRITE,
                    StandardOpenOption.DSYNC);
            Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            throw new UncheckedIOException("the ledger of sessions " + file, e);
        }
    }
}
