package dev.tocsin.agent;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is left of a run that did not end by itself. */
class LastErrorTest {
    private static final String OVERFLOW = "thread judge died: java.lang.StackOverflowError";

    @TempDir
    Path folder;

    private static void crash(Path data) {
        LastError.crashed(data, "judge", new StackOverflowError());
    }

    @Test
    void aCrashIsHeldAgainstOneRunAndCanBeReadAfterwards() {
        assertThat(LastError.read(folder)).isNull();
        assertThat(LastError.takeCrash(folder)).isNull();
        crash(folder);
        assertThat(LastError.takeCrash(folder)).isEqualTo(OVERFLOW);
        assertThat(LastError.takeCrash(folder)).isNull();
        assertThat(LastError.read(folder)).endsWith(OVERFLOW).startsWith("20");
    }

    @Test
    void aStartThatFailsIsNoCrashAndHidesNone() {
        LastError.couldNotStart(folder, "the port\nis taken");
        assertThat(LastError.takeCrash(folder)).isNull();
        crash(folder);
        LastError.couldNotStart(folder, "the port\nis taken");
        assertThat(LastError.read(folder)).endsWith(" cannot start: the port is taken");
        assertThat(LastError.takeCrash(folder)).isEqualTo(OVERFLOW);
    }

    @Test
    void whatCannotBeReadSaysSoAndHoldsNothingUp() throws Exception {
        Files.createDirectory(folder.resolve("last-error"));
        assertThat(LastError.read(folder)).contains("last-error cannot be read");
        assertThat(LastError.takeCrash(folder)).isNull();
        crash(folder);
    }

    /** A crash used to keep the agent from starting on such a disk. */
    @Test
    void onADiskThatMayOnlyBeReadACrashIsToldAllTheSame() throws Exception {
        try (SmallDisk disk = new SmallDisk(folder.resolve("disk"), "1m")) {
            crash(disk.folder);
            disk.readOnly(true);
            assertThat(LastError.takeCrash(disk.folder)).isEqualTo(OVERFLOW);
        }
    }
}
