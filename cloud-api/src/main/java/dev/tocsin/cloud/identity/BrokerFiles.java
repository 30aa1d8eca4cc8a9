package dev.tocsin.cloud.identity;

import dev.tocsin.cloud.database.Database;
import dev.tocsin.profiles.config.PrivateFile;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the embedded broker reads of this platform's decisions, as files that it looks at again and again: {@code crl.pem}
 * with certificates that were revoked, {@code revoked-gateways} with gateways whose password was, {@code device-users} with
 * the devices that have one. Safe for any thread.
 */
final class BrokerFiles {
    static final String REVOCATIONS = "crl.pem";
    static final String REVOKED_GATEWAYS = "revoked-gateways";
    static final String DEVICE_USERS = "device-users";

    private static final Logger LOG = LoggerFactory.getLogger(BrokerFiles.class);
    /** Other brokers refuse everybody once the list is too old, so a newer one is there long before. */
    private static final Duration LIST_LIFE = Duration.ofDays(7);

    private static final Duration LIST_RENEWED = Duration.ofHours(12);

    private final Path folder;
    private final Authority authority;
    private final Database database;
    private final Clock clock;
    private final AtomicInteger failing = new AtomicInteger();
    /** What is on the disk, guarded by this; null when that is not known. */
    private State written = State.NONE;

    private Instant listMadeAt = Instant.EPOCH;
    private volatile String list;

    private record State(List<Authority.Revoked> certificates, String gateways, String devices) {
        static final State NONE = new State(List.of(), "", "");
    }

    BrokerFiles(Path folder, Authority authority, Database database, MeterRegistry metrics, Clock clock) {
        this.folder = folder;
        this.authority = authority;
        this.database = database;
        this.clock = clock;
        this.list = authority.revocations(List.of(), LIST_LIFE);
        metrics.gauge("tocsin.identity.files.failing", failing);
    }

    /** The newest revocation list, PEM. */
    String list() {
        return list;
    }

    /** Writes what differs from the database; a disk that refuses is tried again at the next call. */
    synchronized void publish() {
        Instant now = clock.instant();
        State wanted = database.read(handle -> new State(
                IdentityStore.revoked(handle, now),
                lines(IdentityStore.revokedGateways(handle)),
                lines(IdentityStore.credentials(handle).stream()
                        .map(one -> one.device() + " sensor " + one.hash())
                        .toList())));
        boolean old = now.isAfter(listMadeAt.plus(LIST_RENEWED));
        if (wanted.equals(written) && !old && failing.get() == 0) {
            return;
        }
        list = authority.revocations(wanted.certificates(), LIST_LIFE);
        try {
            PrivateFile.write(folder.resolve(REVOCATIONS), list);
            PrivateFile.write(folder.resolve(REVOKED_GATEWAYS), wanted.gateways());
            PrivateFile.write(folder.resolve(DEVICE_USERS), wanted.devices());
            written = wanted;
            listMadeAt = now;
            failing.set(0);
        } catch (IOException e) {
            failing.set(1);
            LOG.error("the broker does not hear of who is revoked, this is tried again: {}", e.toString());
        }
    }

    private static String lines(List<String> lines) {
        return lines.stream().map(line -> line + "\n").collect(Collectors.joining());
    }
}
