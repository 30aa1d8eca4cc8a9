package dev.tocsin.standalone.platform;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LeftoversTest {
    @TempDir
    Path folder;

    @Test
    void aStrangerWhoNowHasTheProcessIdIsLeftAlone() throws Exception {
        Path data = Files.createDirectory(folder.resolve("d1"));
        // Of the neighbour's platform, and no Java at all: neither works on this folder.
        Process neighbour = java("--data=" + folder.resolve("d10"));
        Process reader = new ProcessBuilder("sh", "-c", "sleep 600", data.toString()).start();
        Process ours = java("--data=" + data.resolve("agent"));
        try {
            Path run = Files.createDirectory(data.resolve("run"));
            Files.writeString(run.resolve("alarm-job.pid"), Long.toString(neighbour.pid()));
            Files.writeString(run.resolve("archive-job.pid"), Long.toString(reader.pid()));
            Files.writeString(run.resolve("edge-agent.pid"), Long.toString(ours.pid()));
            Files.writeString(run.resolve("cloud-api.pid"), "");
            assertThat(Leftovers.stop(data)).containsExactly("edge-agent");
            assertThat(neighbour.isAlive()).isTrue();
            assertThat(reader.isAlive()).isTrue();
            assertThat(ours.isAlive()).isFalse();
            assertThat(run).isEmptyDirectory();
        } finally {
            for (Process process : List.of(neighbour, reader, ours)) {
                process.destroyForcibly();
            }
        }
    }

    /** Java, waiting for a line that never comes. */
    private static Process java(String argument) throws Exception {
        return new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        "dev.tocsin.standalone.platform.LeftoversTest$Waiting",
                        argument)
                .start();
    }

    static final class Waiting {
        private Waiting() {}

        public static void main(String[] arguments) throws Exception {
            while (System.in.read() >= 0) {
                Thread.onSpinWait();
            }
        }
    }
}
