package dev.tocsin.standalone.platform;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DataFolderTest {
    @TempDir
    Path folder;

    @Test
    void aDemonstrationComesBackToItsOwnFolderAndASiteIsRefusedThere() throws Exception {
        DataFolder.open(folder, true).close();
        Files.createDirectory(folder.resolve("credentials"));
        DataFolder.open(folder, true).close();
        assertThatThrownBy(() -> DataFolder.open(folder, false))
                .isInstanceOf(StartException.class)
                .hasMessageContaining("belongs to a demonstration")
                .hasMessageNotContaining("\n");
    }

    @Test
    void aDemonstrationIsRefusedInAFolderThatHoldsAnythingElse() throws Exception {
        DataFolder.open(folder, false).close();
        Files.createDirectory(folder.resolve("credentials"));
        assertThatThrownBy(() -> DataFolder.open(folder, true))
                .isInstanceOf(StartException.class)
                .hasMessageContaining("is in use for something else")
                .hasMessageNotContaining("\n");
        DataFolder.open(folder, false).close();
    }

    @Test
    void twoLaunchersCannotHaveOneFolder() throws Exception {
        try (DataFolder first = DataFolder.open(folder, false)) {
            assertThatThrownBy(() -> DataFolder.open(folder, false))
                    .isInstanceOf(StartException.class)
                    .hasMessageContaining("is in use by another running Tocsin");
            assertThat(first.path()).isEqualTo(folder.toRealPath());
        }
        DataFolder.open(folder, false).close();
    }

    @Test
    void aFolderThatCannotBeMadeIsSaidWithItsReason() throws Exception {
        Path file = Files.createFile(folder.resolve("a-file"));
        assertThatThrownBy(() -> DataFolder.open(file, true))
                .isInstanceOf(StartException.class)
                .hasMessageContaining("cannot be written; choose another with --data DIR")
                .hasMessageContaining("is no folder")
                .hasMessageNotContaining("\n");
    }
}
