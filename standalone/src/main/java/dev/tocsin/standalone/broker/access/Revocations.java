package dev.tocsin.standalone.broker.access;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.security.GeneralSecurityException;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.cert.X509CRL;
import java.security.cert.X509CRLEntry;
import java.time.Clock;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Whom the platform lets in no more: the files {@code crl.pem}, certificates, and {@code revoked-gateways}, names whose
 * password is refused, in the folder where the API puts them. Looked at again every second at most. A list that cannot be
 * read, or is not signed by an authority of {@code ca.pem}, leaves the one before in force, and while there was none lets no
 * certificate in. Safe for many threads.
 */
final class Revocations {
    private static final Logger LOG = LoggerFactory.getLogger(Revocations.class);

    private final Path authorities;
    private final Path list;
    private final Path gateways;
    private final LookAgain lookAgain;
    private volatile State state = new State(Set.of(), Set.of(), null, true);

    /**
     * What the files said.
     *
     * @param readOf their times of change
     * @param known false while no list could be read
     */
    private record State(
            Set<BigInteger> serials,
            Set<String> names,
            @Nullable List<FileTime> readOf,
            boolean known) {}

    Revocations(Path folder, Clock clock) {
        this.authorities = folder.resolve("ca.pem");
        this.list = folder.resolve("crl.pem");
        this.gateways = folder.resolve("revoked-gateways");
        this.lookAgain = new LookAgain(clock);
    }

    boolean isRevoked(BigInteger serial) {
        State now = now();
        return !now.known() || now.serials().contains(serial);
    }

    boolean isRevoked(String gateway) {
        return now().names().contains(gateway);
    }

    private State now() {
        if (lookAgain.isDue()) {
            lookAgain();
        }
        return state;
    }

    private synchronized void lookAgain() {
        if (!lookAgain.isDue()) {
            return;
        }
        State before = state;
        List<FileTime> times = List.of();
        try {
            times = List.of(changed(list), changed(gateways));
            if (!times.equals(before.readOf())) {
                state = new State(readSerials(before), readNames(before), times, true);
            }
        } catch (IOException | GeneralSecurityException e) {
            LOG.error("The list of revoked certificates stays as it was: {}: {}", list, e.toString());
            boolean wasRead = before.known() && before.readOf() != null;
            state = new State(before.serials(), before.names(), times, wasRead);
        }
        lookAgain.looked();
    }

    private static FileTime changed(Path file) throws IOException {
        return Files.exists(file) ? Files.getLastModifiedTime(file) : FileTime.fromMillis(0);
    }

    private Set<BigInteger> readSerials(State before) throws IOException, GeneralSecurityException {
        if (!Files.exists(list)) {
            // Nobody was revoked yet; a list that was there once holds on.
            return before.serials();
        }
        CertificateFactory factory = CertificateFactory.getInstance("X.509");
        X509CRL read = (X509CRL) factory.generateCRL(new ByteArrayInputStream(Files.readAllBytes(list)));
        requireSigned(read, factory);
        Set<BigInteger> serials = new HashSet<>();
        if (read.getRevokedCertificates() != null) {
            for (X509CRLEntry entry : read.getRevokedCertificates()) {
                serials.add(entry.getSerialNumber());
            }
        }
        return Set.copyOf(serials);
    }

    private void requireSigned(X509CRL read, CertificateFactory factory) throws IOException, GeneralSecurityException {
        for (Certificate authority :
                factory.generateCertificates(new ByteArrayInputStream(Files.readAllBytes(authorities)))) {
            try {
                read.verify(authority.getPublicKey());
                return;
            } catch (GeneralSecurityException e) {
                // By another one, or by none.
            }
        }
        throw new GeneralSecurityException("no authority of " + authorities + " signed it");
    }

    private Set<String> readNames(State before) throws IOException {
        return Files.exists(gateways) ? Set.copyOf(Files.readAllLines(gateways)) : before.names();
    }
}
