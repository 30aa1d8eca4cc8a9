package dev.tocsin.standalone.platform;

import dev.tocsin.standalone.database.EmbeddedPostgres;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The embedded PostgreSQL of a platform, started again for as long as it takes whenever it ends by itself. Thread-safe.
 */
final class Database {
    private static final Duration FIRST_PAUSE = Duration.ofMillis(200);
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(30);

    private final Path folder;
    private final int port;
    private final Child.Events events;

    /** Held while it starts or stops; who only wants it to end says so first, and the start lets go. */
    private final ReentrantLock changing = new ReentrantLock();

    private final Condition noLongerWanted = changing.newCondition();
    private volatile boolean wanted;
    private volatile boolean closed;
    private volatile @Nullable EmbeddedPostgres server;

    Database(Path folder, int port, Child.Events events) {
        this.folder = folder;
        this.port = port;
        this.events = events;
    }

    /** The server that runs, or ran last and is being started again; absent before the start and after the stop. */
    @Nullable
    EmbeddedPostgres server() {
        return server;
    }

    void start() throws IOException {
        changing.lock();
        try {
            wanted = true;
            launch();
        } finally {
            changing.unlock();
        }
    }

    /** Until the next start. */
    void stop() throws IOException {
        wanted = false;
        changing.lock();
        try {
            noLongerWanted.signalAll();
            EmbeddedPostgres running = server;
            server = null;
            if (running != null) {
                running.stop();
            }
        } finally {
            changing.unlock();
        }
    }

    /**
     * Stops it for good.
     *
     * @param fast how long a start that is under way, and then PostgreSQL's own clean end, may take together
     * @param immediate how long it may take to end without cleaning up, before it is killed
     */
    void close(Duration fast, Duration immediate) throws IOException {
        closed = true;
        long until = System.nanoTime() + fast.toNanos();
        try {
            if (!changing.tryLock(fast.toNanos(), TimeUnit.NANOSECONDS)) {
                throw new IOException("it is still starting");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
        try {
            noLongerWanted.signalAll();
            EmbeddedPostgres running = server;
            server = null;
            if (running != null) {
                running.stop(Duration.ofNanos(Math.max(0, until - System.nanoTime())), immediate);
            }
        } finally {
            changing.unlock();
        }
    }

    private boolean isUnwanted() {
        return closed || !wanted;
    }

    private void launch() throws IOException {
        EmbeddedPostgres started = EmbeddedPostgres.start(folder, port, this::isUnwanted);
        server = started;
        started.onExit().thenRun(() -> {
            Thread reviver = new Thread(() -> revive(started), "revive-postgres");
            reviver.setDaemon(true);
            reviver.start();
        });
    }

    private void revive(EmbeddedPostgres ended) {
        changing.lock();
        try {
            if (isUnwanted() || server != ended) {
                return;
            }
            events.ended("PostgreSQL", -1);
            long began = System.nanoTime();
            Duration pause = FIRST_PAUSE;
            while (!isUnwanted() && !launchAfter(ended)) {
                // Lets go of the lock meanwhile: whoever wants it stopped need not wait.
                if (noLongerWanted.await(pause.toNanos(), TimeUnit.NANOSECONDS) || server != ended) {
                    return;
                }
                pause = pause.multipliedBy(2).compareTo(LONGEST_PAUSE) > 0 ? LONGEST_PAUSE : pause.multipliedBy(2);
            }
            if (!isUnwanted()) {
                events.restarted("PostgreSQL", Duration.ofNanos(System.nanoTime() - began));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            changing.unlock();
        }
    }

    private boolean launchAfter(EmbeddedPostgres ended) {
        try {
            // It holds the folder's lock until it is closed.
            ended.close();
            launch();
            return true;
        } catch (IOException e) {
            if (!isUnwanted()) {
                events.notBack("PostgreSQL", Faults.inWords(e));
            }
            return false;
        }
    }
}
