package dev.tocsin.profiles.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PrivateFileTest {
    @TempDir
    Path folder;

    @Test
    void aFileIsItsOwnersAloneAlsoWhereAnOpenOneStoodBefore() throws IOException {
        Path file = Files.writeString(folder.resolve("key"), "old");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));

        PrivateFile.write(file, "new");

        assertThat(Files.readString(file)).isEqualTo("new");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                .isEqualTo("rw-------");
    }

    @Test
    void whatAPowerCutLeftOfAnEarlierAttemptIsInNobodysWay() throws IOException {
        Path file = folder.resolve("key");
        Files.writeString(folder.resolve("key.new"), "half");

        PrivateFile.write(file, "whole");

        assertThat(Files.readString(file)).isEqualTo("whole");
        try (Stream<Path> files = Files.list(folder)) {
            assertThat(files).containsExactly(file);
        }
    }

    @Test
    void aFolderIsClosedToOthers() throws IOException {
        PrivateFile.folder(folder.resolve("secrets"));

        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(folder.resolve("secrets"))))
                .isEqualTo("rwx------");
    }
}
