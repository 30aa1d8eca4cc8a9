package dev.tocsin.standalone.platform;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ChildTest {
    private static final Duration LONG = Duration.ofSeconds(30);

    @TempDir
    Path folder;

    @Test
    void whatWasStoppedIsNeverLaunchedAgain() throws Exception {
        AtomicInteger ended = new AtomicInteger();
        Child child = child("echo $$ >> launched; echo READY; exec sleep 600");
        child.start();
        child.supervise(new Counting(ended));
        ProcessHandle.of(child.pid()).orElseThrow().destroyForcibly();
        await().until(() -> ended.get() == 1);
        // It is in its pause before the next launch, or in the launch.
        Child.stop(List.of(child), LONG);
        assertThatThrownBy(child::start).isInstanceOf(StartException.class).hasMessageContaining("was stopped");
        assertThat(child.isAlive()).isFalse();
        assertThat(folder.resolve("run")).isEmptyDirectory();
    }

    @Test
    void aChildThatIsStillStartingIsStoppedAndItsStartEnds() throws Exception {
        Child child = child("touch started; exec sleep 600");
        Thread start = new Thread(() -> assertThatThrownBy(child::start).isInstanceOf(StartException.class));
        start.start();
        await().until(() -> Files.exists(folder.resolve("started")));
        Child.stop(List.of(child), LONG);
        start.join();
        assertThat(child.isAlive()).isFalse();
    }

    @Test
    void whoDoesNotGoWhenAskedIsKilled() throws Exception {
        Child child = child("trap '' TERM; echo READY; while :; do sleep 1; done");
        child.start();
        Child.stop(List.of(child), Duration.ofMillis(300));
        assertThat(child.isAlive()).isFalse();
    }

    private Child child(String script) throws Exception {
        return new Child("probe", List.of("sh", "-c", "cd '" + folder + "'; " + script), folder, LONG);
    }

    private record Counting(AtomicInteger count) implements Child.Events {
        @Override
        public void ended(String name, int exitCode) {
            count.incrementAndGet();
        }

        @Override
        public void restarted(String name, Duration took) {}

        @Override
        public void notBack(String name, String why) {}
    }
}
