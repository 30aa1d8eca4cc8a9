package dev.tocsin.standalone.platform;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.tocsin.standalone.database.EmbeddedPostgres;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DatabaseTest {
    private static final Duration SOON = Duration.ofSeconds(90);
    private static final Duration GRACE = Duration.ofSeconds(10);

    private final AtomicInteger refusals = new AtomicInteger();

    @TempDir
    Path folder;

    @Test
    void itIsStartedAgainForAsLongAsItTakesAndNotAfterItsStop() throws Exception {
        int port = Ports.free().postgres();
        Database database = new Database(folder.resolve("postgres"), port, new Watch());
        database.start();
        try {
            EmbeddedPostgres killed = Objects.requireNonNull(database.server());
            database.stop();
            assertThat(killed.isAlive()).isFalse();
            database.start();
            for (int round = 0; round < 2; round++) {
                EmbeddedPostgres running = Objects.requireNonNull(database.server());
                int before = refusals.get();
                // A running server needs it no more, a starting one does.
                Path needed = folder.resolve("postgres/cluster/PG_VERSION");
                Path aside = folder.resolve("aside");
                Files.move(needed, aside);
                ProcessHandle.of(running.pid()).orElseThrow().destroyForcibly();
                await().atMost(SOON).until(() -> refusals.get() > before + 1);
                Files.move(aside, needed);
                await().atMost(SOON)
                        .until(() -> database.server() != running
                                && Objects.requireNonNull(database.server()).isAlive());
            }
        } finally {
            EmbeddedPostgres last = Objects.requireNonNull(database.server());
            database.close(GRACE, GRACE);
            assertThat(last.isAlive()).isFalse();
        }
    }

    private final class Watch implements Child.Events {
        @Override
        public void ended(String name, int exitCode) {}

        @Override
        public void restarted(String name, Duration took) {}

        @Override
        public void notBack(String name, String why) {
            refusals.incrementAndGet();
        }
    }
}
