package dev.tocsin.agent.update;

import dev.tocsin.agent.observe.AgentMetrics;
import dev.tocsin.profiles.bundle.Bundle;
import dev.tocsin.profiles.bundle.BundleException;
import dev.tocsin.profiles.bundle.BundleKeys;
import dev.tocsin.profiles.bundle.BundleManifest;
import dev.tocsin.profiles.bundle.Release;
import dev.tocsin.profiles.desired.DesiredJson;
import dev.tocsin.profiles.desired.UpdateOrder;
import dev.tocsin.profiles.desired.UpdateProgress;
import dev.tocsin.profiles.desired.UpdateProgress.Stage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Carries out orders of another version, one after the other on a thread of its own: fetch, verify, unpack, ask the
 * launcher to try it; and tells afterwards how that went. An order that ended is never taken up again, only a newer one.
 */
public final class Updater implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Updater.class);
    /** The order that a version on trial comes from. */
    private static final String PENDING = "order.json";
    /** How the newest order ended. */
    private static final String ENDED = "ended.json";
    /** The highest release that ever proved itself here. */
    private static final String HIGHEST = "highest.json";
    /** What the readings may still need while a bundle is unpacked. */
    private static final long RESERVE_BYTES = 64 << 20;

    private static final long TRIAL_LOOK_MS = 500;
    private static final long RETRY_FIRST_MS = 5_000;
    private static final long RETRY_MAX_MS = 300_000;

    private final Here here;
    private final UpdateSettings settings;
    private final UpdateFolder folder;
    private final Download download;
    private final Runnable leave;
    private final Thread thread = new Thread(this::run, "updates");

    // Guarded by lock.
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private @Nullable UpdateOrder wanted;
    private boolean stopping;

    private volatile @Nullable UpdateProgress progress;
    private final AtomicLong failures = new AtomicLong();

    // Owned by the thread.
    private long endedOrder;

    /**
     * The agent that runs.
     *
     * @param image its folder; null when it runs from no image
     * @param slot by which the launcher started it; null when it was started otherwise and nobody would switch versions
     */
    public record Here(
            String gateway,
            Release release,
            @Nullable Path image,
            @Nullable String slot) {

        /** As the image's own start script and the launcher say it. */
        public static Here of(String gateway) throws BundleException {
            String home = System.getProperty("tocsin.home");
            Path image = home == null ? null : Path.of(home);
            Release release = image == null ? new Release("0.1.0", 0) : Release.of(image);
            return new Here(gateway, release, image, System.getenv("TOCSIN_SLOT"));
        }
    }

    /**
     * @param data folder of the agent; updates are in {@code updates} below it
     * @param leave ends this process with {@link #SWITCH}
     */
    public Updater(Here here, UpdateSettings settings, Path data, Runnable leave) {
        this(here, settings, new UpdateFolder(data.resolve("updates"), Disk.REAL), leave);
    }

    Updater(Here here, UpdateSettings settings, UpdateFolder folder, Runnable leave) {
        this.here = here;
        this.settings = settings;
        this.folder = folder;
        this.download = new Download(folder.path(), settings.url());
        this.leave = leave;
    }

    /** Exit status by which an agent asks the launcher to try another version. */
    public static final int SWITCH = UpdateFolder.SWITCH;

    public void start() {
        thread.setDaemon(true);
        thread.start();
    }

    /** How far the newest order is; null when there was none. Any thread. */
    public @Nullable UpdateProgress progress() {
        return progress;
    }

    /** Registers what is counted here. */
    public void gaugesTo(AgentMetrics metrics) {
        metrics.gauge("update.failures", "Attempts to update that a fault cost", failures::get);
        metrics.gauge("update.on.trial", "1 while this version has yet to prove itself", () -> {
            UpdateProgress now = progress;
            return now != null && now.stage() == Stage.ON_TRIAL ? 1 : 0;
        });
    }

    /**
     * Takes an order as it is retained. Any thread.
     *
     * @throws IllegalArgumentException when it cannot be read or is for another gateway
     */
    public void order(String topic, byte[] payload) {
        if (payload.length == 0) {
            // The order was taken back: what it did until now stays.
            want(null);
            return;
        }
        UpdateOrder order = DesiredJson.read(payload, UpdateOrder.class);
        if (!order.gateway().equals(here.gateway())) {
            throw new IllegalArgumentException(
                    topic + " speaks of gateway '" + order.gateway() + "', this is " + here.gateway());
        }
        want(order);
    }

    private void want(@Nullable UpdateOrder order) {
        lock.lock();
        try {
            wanted = order;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    private void run() {
        try {
            long retryMs = RETRY_FIRST_MS;
            for (UpdateOrder order = settleTrial() ? next(0) : null; order != null; ) {
                try {
                    carryOut(order);
                    order = next(0);
                    retryMs = RETRY_FIRST_MS;
                } catch (BundleException e) {
                    end(order, Stage.REFUSED, String.valueOf(e.getMessage()));
                    order = next(0);
                } catch (RuntimeException e) {
                    // The order is retained: an agent that died of it would die of it after each restart.
                    failures.incrementAndGet();
                    LOG.error("the update to {} failed", order.version(), e);
                    end(order, Stage.REFUSED, "the agent failed at it: " + e);
                    order = next(0);
                } catch (IOException e) {
                    failures.incrementAndGet();
                    LOG.warn("update to {}: {}; tried again in {} ms", order.version(), e.toString(), retryMs);
                    report(order, Stage.FETCHING, "tried again after: " + e);
                    order = next(retryMs);
                    retryMs = Math.min(2 * retryMs, RETRY_MAX_MS);
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (IOException | RuntimeException e) {
            // Without its folder there is no update; the agent's work does not depend on it.
            failures.incrementAndGet();
            LOG.error("updates have ended until the next start", e);
        }
    }

    /**
     * Waits for an order that has not ended.
     *
     * @param pauseMs that passes first, unless another order comes
     * @return null when this updater is closed
     */
    private @Nullable UpdateOrder next(long pauseMs) throws InterruptedException {
        lock.lock();
        try {
            UpdateOrder before = wanted;
            long left = TimeUnit.MILLISECONDS.toNanos(pauseMs);
            while (left > 0 && !stopping && Objects.equals(before, wanted)) {
                left = changed.awaitNanos(left);
            }
            while (!stopping && (wanted == null || wanted.order() <= endedOrder)) {
                changed.await();
            }
            return stopping ? null : wanted;
        } finally {
            lock.unlock();
        }
    }

    /**
     * What became of the version that was tried last; while that is open nothing else is begun.
     *
     * @return false when nothing is to be begun at all: this updater is closed, or this version is being taken back, which
     *     the one that follows it has to tell
     */
    boolean settleTrial() throws IOException, InterruptedException {
        UpdateProgress ended = folder.kept(ENDED, UpdateProgress.class);
        if (ended != null) {
            endedOrder = ended.order();
            progress = ended;
        }
        UpdateOrder pending = folder.kept(PENDING, UpdateOrder.class);
        if (pending != null) {
            boolean isHere = here.release().version().equals(pending.version());
            while (here.slot() != null && isHere && folder.onTrial()) {
                report(pending, Stage.ON_TRIAL, "");
                if (!pause()) {
                    return false;
                }
            }
            if (isHere && !isGood()) {
                return false;
            }
            String outcome = folder.outcome();
            if (isHere && outcome == null) {
                end(pending, Stage.DONE, "");
            } else if (outcome != null) {
                end(pending, Stage.ROLLED_BACK, outcome);
            }
            // Otherwise the power failed before the launcher was asked: the order stands and is taken up anew.
            folder.forget(PENDING);
        }
        Release highest = folder.kept(HIGHEST, Release.class);
        if (here.slot() != null
                && isGood()
                && (highest == null || highest.serial() < here.release().serial())) {
            folder.keep(HIGHEST, here.release());
        }
        return true;
    }

    private boolean isGood() throws IOException {
        String slot = here.slot();
        return slot == null || folder.isGood(slot);
    }

    /** @return false when this updater is closed */
    private boolean pause() throws InterruptedException {
        lock.lock();
        try {
            long left = TimeUnit.MILLISECONDS.toNanos(TRIAL_LOOK_MS);
            while (left > 0 && !stopping) {
                left = changed.awaitNanos(left);
            }
            return !stopping;
        } finally {
            lock.unlock();
        }
    }

    void carryOut(UpdateOrder order) throws BundleException, IOException {
        Path image = here.image();
        if (here.slot() == null || image == null) {
            throw new BundleException("this agent was not started by its launcher, which switches versions");
        }
        if (here.release().version().equals(order.version())) {
            end(order, Stage.DONE, "this version runs already");
            return;
        }
        if (order.size() > settings.maxBytes()) {
            throw new BundleException(
                    "the bundle has " + order.size() + " bytes, update.max-bytes is " + settings.maxBytes());
        }
        report(order, Stage.FETCHING, "");
        requireRoom(order.size());
        Path file = download.fetch(order);
        try (Bundle bundle = Bundle.open(file)) {
            requireTrusted(bundle, image);
            requireInOrder(bundle.manifest(), order);
            requireRoom(bundle.manifest().bytes());
            String name = folder.unpack(bundle);
            folder.forgetOutcome();
            folder.keep(PENDING, order);
            folder.orderTrial(name);
        }
        download.discard();
        report(order, Stage.STAGED, "");
        LOG.info("update to {}: unpacked and verified; leaving, so that the launcher tries it", order.version());
        leave.run();
    }

    private void requireRoom(long bytes) throws IOException {
        Files.createDirectories(folder.path());
        long room = Files.getFileStore(folder.path()).getUsableSpace();
        if (room < bytes + RESERVE_BYTES) {
            throw new IOException("the disk has " + room + " bytes left; " + bytes + " and a reserve of "
                    + RESERVE_BYTES + " are needed");
        }
    }

    private void requireTrusted(Bundle bundle, Path image) throws BundleException, IOException {
        Path own = image.resolve("keys");
        Path more = settings.keys();
        List<Path> folders = more == null ? List.of(own) : List.of(own, more);
        if (!bundle.isSignedByOneOf(BundleKeys.trusted(folders))) {
            throw new BundleException("the bundle is signed by none of the keys in " + folders);
        }
    }

    private void requireInOrder(BundleManifest manifest, UpdateOrder order) throws BundleException, IOException {
        Release running = here.release();
        if (!manifest.version().equals(order.version())) {
            throw new BundleException(
                    "the bundle is version " + manifest.version() + ", ordered was " + order.version());
        }
        if (Release.compare(running.version(), manifest.from()) < 0) {
            throw new BundleException(
                    "the bundle replaces " + manifest.from() + " and newer, this is " + running.version());
        }
        Release known = folder.kept(HIGHEST, Release.class);
        long highest = Math.max(running.serial(), known == null ? 0 : known.serial());
        if (manifest.serial() <= highest) {
            throw new BundleException("the bundle's serial " + manifest.serial() + " is not above " + highest
                    + ", which ran here: an old bundle is not taken again");
        }
        if (Release.compare(manifest.version(), running.version()) <= 0 && !manifest.allowDowngrade()) {
            throw new BundleException("version " + manifest.version() + " is not above " + running.version()
                    + ", and the bundle does not allow a downgrade");
        }
    }

    private void end(UpdateOrder order, Stage stage, String detail) throws IOException {
        UpdateProgress end = new UpdateProgress(order.order(), order.version(), stage, detail);
        if (stage == Stage.DONE) {
            LOG.info("update to {}: done {}", order.version(), detail);
        } else {
            LOG.error("update to {}: {}: {}", order.version(), stage, detail);
        }
        folder.keep(ENDED, end);
        endedOrder = order.order();
        progress = end;
        download.discard();
    }

    private void report(UpdateOrder order, Stage stage, String detail) {
        progress = new UpdateProgress(order.order(), order.version(), stage, detail);
    }

    /** Does not wait: the thread may be the one that ends the process. */
    @Override
    public void close() {
        lock.lock();
        try {
            stopping = true;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }
}
