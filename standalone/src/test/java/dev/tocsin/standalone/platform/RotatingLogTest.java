package dev.tocsin.standalone.platform;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RotatingLogTest {
    @TempDir
    Path folder;

    @Test
    void howeverMuchIsWrittenItHoldsTheNewestLinesWithinItsBound() throws Exception {
        Path file = folder.resolve("part.log");
        try (RotatingLog log = new RotatingLog(file, 1_000, 2)) {
            for (int i = 0; i < 10_000; i++) {
                log.line("line " + i);
            }
        }
        assertThat(Files.readString(file)).endsWith("line 9999\n");
        assertThat(Files.readString(folder.resolve("part.log.1"))).doesNotContain("line 9999");
        try (Stream<Path> files = Files.list(folder)) {
            assertThat(files).hasSize(3).allMatch(each -> each.toFile().length() <= 1_020);
        }
    }

    @Test
    void aNewLauncherGoesOnWhereTheLastOneEnded() throws Exception {
        Path file = folder.resolve("part.log");
        for (int launch = 0; launch < 2; launch++) {
            try (RotatingLog log = new RotatingLog(file, 1_000, 2)) {
                log.line("launch " + launch);
            }
        }
        assertThat(Files.readString(file)).isEqualTo("launch 0\nlaunch 1\n");
    }

    @Test
    void linesThatTheDiskRefusedAreCountedWhereTheyWouldStand() throws Exception {
        Path missing = folder.resolve("missing");
        try (RotatingLog log = new RotatingLog(missing.resolve("part.log"), 1_000, 2)) {
            log.line("one");
            log.line("two");
            Files.createDirectory(missing);
            log.line("three");
        }
        assertThat(Files.readString(missing.resolve("part.log")))
                .isEqualTo("(2 lines could not be written here)\nthree\n");
    }
}
