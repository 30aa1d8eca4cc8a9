package dev.tocsin.cloud.identity;

import dev.tocsin.profiles.config.PrivateFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * What this machine shows to gateways, for the API's listener and the embedded broker's: key, certificate and authority in
 * the one file {@code server.pem}. For one thread.
 */
final class ServerCertificate {
    static final String FILE = "server.pem";

    private static final Duration LIFE = Duration.ofDays(398);

    private final Path file;
    private final Authority authority;
    private final List<String> names;
    private final Clock clock;

    ServerCertificate(Path folder, Authority authority, List<String> names, Clock clock) {
        this.file = folder.resolve(FILE);
        this.authority = authority;
        this.names = names;
        this.clock = clock;
    }

    Path file() {
        return file;
    }

    /** Makes it where it is missing, in the last third of its life, for other names, or of another authority. */
    boolean renewWhereNeeded() throws IOException {
        if (Files.exists(file) && isGood()) {
            return false;
        }
        KeyPair keys = Authority.newKeys();
        X509Certificate certificate = authority.signServer(names, keys.getPublic(), LIFE);
        try {
            PrivateFile.write(
                    file,
                    PemText.of(PemText.KEY, keys.getPrivate().getEncoded())
                            + PemText.of(PemText.CERTIFICATE, certificate.getEncoded())
                            + PemText.of(
                                    PemText.CERTIFICATE, authority.certificate().getEncoded()));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("a certificate that was made can be written", e);
        }
        return true;
    }

    private boolean isGood() throws IOException {
        try {
            X509Certificate now =
                    Authority.certificates(Files.readString(file), file).get(0);
            now.verify(authority.certificate().getPublicKey());
            Instant end = now.getNotAfter().toInstant();
            return clock.instant().isBefore(end.minus(LIFE.dividedBy(3)))
                    && namesOf(now).equals(new TreeSet<>(names));
        } catch (GeneralSecurityException | IOException e) {
            // Damaged, or of another authority: nothing is lost with it.
            return false;
        }
    }

    private static Set<String> namesOf(X509Certificate certificate) throws GeneralSecurityException {
        Set<String> names = new TreeSet<>();
        Collection<List<?>> alternatives = certificate.getSubjectAlternativeNames();
        if (alternatives != null) {
            alternatives.forEach(one -> names.add(String.valueOf(one.get(1))));
        }
        return names;
    }
}
