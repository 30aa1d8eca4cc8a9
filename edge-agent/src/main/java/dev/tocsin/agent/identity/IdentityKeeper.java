package dev.tocsin.agent.identity;

import dev.tocsin.agent.link.Backoff;
import dev.tocsin.agent.link.PemFiles;
import dev.tocsin.agent.observe.AgentMetrics;
import io.micrometer.core.instrument.Counter;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Enrols this gateway where it has no identity yet, and renews it when a third of its life is left. Connections read the
 * files anew each time, so that nothing waits for this and this waits for nothing; a broker that ends a connection with
 * its certificate finds the next one made with the new certificate. What its own thread does is in no other's way.
 */
public final class IdentityKeeper implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(IdentityKeeper.class);
    /** A clock that jumps, or a new token, is noticed this soon; while the clock is far ahead, by the next renewal. */
    private static final long LOOK_EVERY_MS = 30_000;

    private static final String FAULT = "fault";
    private static final long CLOSE_PATIENCE_MS = 2_000;
    private static final long FIRST_RETRY_MS = 2_000;
    private static final long LAST_RETRY_MS = 600_000;
    /** A clock that is so far ahead that a new certificate is due at once would have one made with every look. */
    private static final long CLOCK_AHEAD_MS = 6 * 3_600_000;

    private final IdentityConfig config;
    private final IdentityFiles files;
    private final @Nullable EnrolmentClient client;
    private final Clock clock;
    private final BooleanSupplier clockKnown;
    private final AgentMetrics metrics;
    private final Backoff backoff = new Backoff(FIRST_RETRY_MS, LAST_RETRY_MS);
    private @Nullable Thread thread;
    private final CountDownLatch stopped = new CountDownLatch(1);
    private volatile String state = "none";
    private volatile @Nullable Instant end;
    /** Of the thread: what stands in the log already. */
    private String told = "";

    private String refusedToken = "";

    /** @param clockKnown whether the clock was ever set: before that no certificate can be judged */
    public IdentityKeeper(
            IdentityConfig config, String gateway, Clock clock, BooleanSupplier clockKnown, AgentMetrics metrics) {
        this.config = config;
        this.files = new IdentityFiles(config.folder());
        URI url = config.url();
        this.client = url == null ? null : new EnrolmentClient(url, gateway);
        this.clock = clock;
        this.clockKnown = clockKnown;
        this.metrics = metrics;
        // What never happened is 0, not missing.
        certificates("enrolled");
        certificates("renewed");
        failures(FAULT);
        metrics.gauge("certificate.expiry.seconds", "Until the certificate ends, 0 without one", this::secondsLeft);
    }

    /** Begins, where the configuration says where. */
    public void start() {
        EnrolmentClient platform = client;
        if (platform != null) {
            Thread fresh = new Thread(() -> run(platform), "identity");
            fresh.setDaemon(true);
            fresh.start();
            thread = fresh;
        }
    }

    /** In words, for the health page. */
    public String state() {
        return state;
    }

    /** Lets a renewal that is under way come to its end, within reason. */
    @Override
    public void close() {
        stopped.countDown();
        Thread running = thread;
        try {
            if (running != null) {
                running.join(CLOSE_PATIENCE_MS);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void run(EnrolmentClient platform) {
        try {
            while (!stopped.await(step(platform), TimeUnit.MILLISECONDS)) {
                // Until it is closed.
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** @return how long to wait for the next one, ms */
    private long step(EnrolmentClient platform) {
        long waitMs = LOOK_EVERY_MS;
        try {
            if (!clockKnown.getAsBoolean()) {
                say("waits for the clock to be set: until then every certificate seems to begin in the future");
            } else if (tend(platform)) {
                backoff.reset();
                told = "";
            } else {
                say(state + "; its clock is days ahead of the platform's: that is due for renewal already");
                waitMs = CLOCK_AHEAD_MS;
            }
        } catch (EnrolmentClient.RefusedException e) {
            failed(e.code(), e.getMessage());
            waitMs = backoff.nextMs();
        } catch (IOException e) {
            failed(FAULT, e.getMessage());
            waitMs = backoff.nextMs();
        }
        return waitMs;
    }

    /** @return whether what it has now lasts for a while */
    private boolean tend(EnrolmentClient platform) throws IOException, EnrolmentClient.RefusedException {
        IdentityFiles.Identity current = currentUnlessReplaced();
        if (current == null) {
            return lasts(enrol(platform, null));
        }
        end = current.certificate().getNotAfter().toInstant();
        if (hasNewToken() && enrolAnew(platform, current)) {
            return true;
        }
        if (!lasts(current.certificate())) {
            return lasts(renew(platform, current));
        }
        good(current.certificate());
        return true;
    }

    /** An identity that the disk damaged stands in nobody's way once there is a new token. */
    private IdentityFiles.@Nullable Identity currentUnlessReplaced() throws IOException {
        try {
            return files.current();
        } catch (IOException e) {
            if (hasNewToken()) {
                return null;
            }
            throw e;
        }
    }

    /** A token that was put there after the identity was made: of a gateway that was revoked, or whose disk failed. */
    private boolean hasNewToken() {
        Path file = config.tokenFile();
        try {
            return file != null
                    && Files.exists(file)
                    && Files.getLastModifiedTime(file).compareTo(Files.getLastModifiedTime(files.identity())) > 0
                    && !token().equals(refusedToken);
        } catch (IOException e) {
            // A token that cannot be read does not keep the identity that there is from being renewed.
            LOG.debug("the token file", e);
            return false;
        }
    }

    /** @return false when the platform does not want the token; then the identity that there is goes on */
    private boolean enrolAnew(EnrolmentClient platform, IdentityFiles.Identity current) throws IOException {
        try {
            enrol(platform, current);
            return true;
        } catch (EnrolmentClient.RefusedException e) {
            refusedToken = token();
            failures(e.code()).increment();
            LOG.warn("identity: the new token is refused ({}): {}", e.code(), e.getMessage());
            return false;
        }
    }

    private X509Certificate enrol(EnrolmentClient platform, IdentityFiles.@Nullable Identity current)
            throws IOException, EnrolmentClient.RefusedException {
        KeyPair keys = files.next(current);
        EnrolmentClient.Issued issued = platform.enrol(PlatformTrust.of(config, files), token(), keys);
        return keep(keys, issued, "enrolled");
    }

    private X509Certificate renew(EnrolmentClient platform, IdentityFiles.Identity current)
            throws IOException, EnrolmentClient.RefusedException {
        KeyPair keys = files.next(current);
        return keep(keys, platform.renew(PlatformTrust.of(config, files), current, keys), "renewed");
    }

    private X509Certificate keep(KeyPair keys, EnrolmentClient.Issued issued, String how) throws IOException {
        X509Certificate certificate = files.keep(keys, issued.certificate(), issued.authorities());
        certificates(how).increment();
        good(certificate);
        LOG.info("{}: {}", how, state);
        return certificate;
    }

    private String token() throws IOException {
        Path file = config.tokenFile();
        if (file == null) {
            throw new IOException("this gateway has no certificate, and no --enrol.token-file");
        }
        return new String(PemFiles.read(file), StandardCharsets.UTF_8).strip();
    }

    private void good(X509Certificate certificate) {
        Instant until = certificate.getNotAfter().toInstant();
        end = until;
        state = certificate.getSubjectX500Principal().getName() + " until " + until;
    }

    private void failed(String reason, @Nullable String why) {
        failures(reason).increment();
        say("no " + (end == null ? "certificate" : "renewal") + " yet (" + reason + "): " + why);
    }

    private void say(String what) {
        state = what;
        if (!told.equals(what)) {
            LOG.warn("identity: {}", what);
            told = what;
        }
    }

    /** Until a third of it is left. */
    private boolean lasts(X509Certificate certificate) {
        Instant from = certificate.getNotBefore().toInstant();
        Instant to = certificate.getNotAfter().toInstant();
        return clock.instant().isBefore(to.minus(Duration.between(from, to).dividedBy(3)));
    }

    private Counter certificates(String how) {
        return metrics.labelled("identity.certificates", "how", how);
    }

    private Counter failures(String reason) {
        return metrics.labelled("identity.failures", "reason", reason);
    }

    private double secondsLeft() {
        Instant until = end;
        return until == null ? 0 : Duration.between(clock.instant(), until).toMillis() / 1000.0;
    }
}
