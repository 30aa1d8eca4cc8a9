package dev.tocsin.agent.update;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tocsin.profiles.bundle.Release;
import dev.tocsin.profiles.config.Settings;
import dev.tocsin.profiles.desired.UpdateOrder;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The power fails at every step of an update, and in every state of the launcher: what starts then is always whole. */
class PowerCutTest {
    private static final String INSTALLED = "0.1.0";
    private static final String FORMER = "0.2.0";
    private static final String NEXT = "0.3.0";

    @TempDir
    Path folder;

    private Versions versions;
    private BundleServer server;
    private Path data;
    private Path updates;
    private Path installed;

    @BeforeEach
    void start() throws Exception {
        versions = new Versions(folder);
        server = new BundleServer();
        installed = versions.image(INSTALLED, 10, Versions.SAYS_ITS_NAME);
    }

    @AfterEach
    void stop() {
        server.close();
    }

    /** The former version runs from A and is good; in B is what was there before it. */
    private void site(String name) throws Exception {
        data = folder.resolve(name);
        updates = Files.createDirectories(data.resolve("updates"));
        copy(versions.image(FORMER, 20, Versions.SAYS_ITS_NAME), updates.resolve("A"));
        copy(versions.image("0.1.5", 15, Versions.SAYS_ITS_NAME), updates.resolve("B"));
        Files.writeString(updates.resolve("good"), "A\n");
        Files.writeString(updates.resolve("outcome"), "of an earlier trial\n");
    }

    private static void copy(Path from, Path to) throws IOException {
        try (Stream<Path> files = Files.walk(from)) {
            for (Path file : files.sorted().toList()) {
                Files.copy(file, to.resolve(from.relativize(file).toString()));
            }
        }
    }

    private void update(UpdateOrder order, Disk disk) throws Exception {
        UpdateSettings settings =
                UpdateSettings.from(new Settings(new String[] {"--update.url=" + server.url()}, Map.of()));
        Updater.Here here = new Updater.Here(Versions.GATEWAY, new Release(FORMER, 20), updates.resolve("A"), "A");
        new Updater(here, settings, new UpdateFolder(updates, disk), () -> {}).carryOut(order);
    }

    /** What the launcher starts: the version, and that it is whole. */
    private String launch() throws Exception {
        ProcessBuilder builder = new ProcessBuilder("/bin/sh", LaunchedAgent.LAUNCHER.toString(), installed.toString());
        builder.environment().put("TOCSIN_DATA", data.toString());
        Process launcher = builder.redirectErrorStream(true).start();
        String said = new String(launcher.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(launcher.waitFor()).as(said).isZero();
        String version = said.lines()
                .filter(line -> line.startsWith("RUNS"))
                .map(line -> line.replaceAll(".*\"version\":\"([^\"]*)\".*", "$1"))
                .reduce((first, last) -> last)
                .orElseThrow(() -> new AssertionError("nothing was started: " + said));
        if (version.equals(NEXT)) {
            assertSame(versions.image(NEXT, 30, Versions.SAYS_ITS_NAME), updates.resolve("B"));
        }
        return version;
    }

    private static void assertSame(Path expected, Path actual) throws IOException {
        try (Stream<Path> files = Files.walk(expected)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                assertThat(actual.resolve(expected.relativize(file).toString())).hasSameBinaryContentAs(file);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {-1, 0, 1, 2, 3})
    void whatever_step_the_power_fails_in_a_whole_version_starts_and_the_order_is_carried_out_afterwards(
            int folderThatForgets) throws Exception {
        Path bundle = versions.bundle(NEXT, 30, Versions.SAYS_ITS_NAME);
        UpdateOrder order = versions.order(NEXT, bundle, server);
        site("whole");
        CuttableDisk counting = new CuttableDisk(Integer.MAX_VALUE, -1);
        update(order, counting);
        assertThat(launch()).isEqualTo(NEXT);
        System.out.println("an update of three files has " + counting.steps + " steps");

        for (int cutAt = 0; cutAt <= counting.steps; cutAt++) {
            site("cut-" + cutAt);
            CuttableDisk disk = new CuttableDisk(cutAt, folderThatForgets);
            assertThatThrownBy(() -> {
                        update(order, disk);
                        throw disk.cut();
                    })
                    .isInstanceOf(CuttableDisk.PowerCut.class);

            String version = launch();
            assertThat(version)
                    .as("cut in step %d of %d", cutAt, counting.steps)
                    .isIn(FORMER, NEXT);
            if (version.equals(FORMER)) {
                update(order, Disk.REAL);
            }
            assertThat(launch()).as("after a cut in step %d", cutAt).isEqualTo(NEXT);
            assertThat(updates.resolve("good")).hasContent("B");
        }
    }

    @Test
    void a_full_disk_leaves_the_former_version_and_no_half_unpacked_one() throws Exception {
        UpdateOrder order = versions.order(NEXT, versions.bundle(NEXT, 30, Versions.SAYS_ITS_NAME), server);
        site("full");
        FullDisk disk = new FullDisk(2);
        assertThatThrownBy(() -> update(order, disk))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("No space");
        assertThat(updates).isDirectoryNotContaining("glob:**.new");
        assertThat(launch()).isEqualTo(FORMER);

        update(order, Disk.REAL);
        assertThat(launch()).isEqualTo(NEXT);
    }

    @ParameterizedTest(name = "good={0} trial={1}")
    @CsvSource({
        "'A', '', 0.2.0",
        "'', '', 0.1.0",
        "'?', '', 0.1.0",
        "'A', 'B 0', 0.1.5",
        "'A', 'B 2', 0.1.5",
        "'A', 'B 3', 0.2.0",
        "'A', 'A 1', 0.2.0",
        "'A', 'C 0', 0.2.0",
        "'A', 'B', 0.2.0",
        "'A', 'B 0 ; reboot', 0.2.0",
        "'', 'B 1', 0.1.5",
    })
    void in_every_state_of_its_files_the_launcher_starts_a_version(String good, String trial, String starts)
            throws Exception {
        site("state");
        Files.writeString(updates.resolve("good"), good);
        Files.writeString(updates.resolve("trial"), trial);
        assertThat(launch()).isEqualTo(starts);
        assertThat(updates.resolve("trial")).doesNotExist();
    }

    @Test
    void versions_that_are_not_whole_are_not_started() throws Exception {
        site("holes");
        Disk.REAL.delete(updates.resolve("B/bin"));
        Files.writeString(updates.resolve("trial"), "B 0\n");
        assertThat(launch()).isEqualTo(FORMER);
        assertThat(updates.resolve("outcome")).content().contains("version B is not complete");
        Disk.REAL.delete(updates.resolve("A/bin"));
        assertThat(launch()).isEqualTo(INSTALLED);
    }

    @Test
    void a_trial_that_cannot_be_counted_or_kept_is_not_made() throws Exception {
        site("stubborn");
        Files.writeString(updates.resolve("trial"), "B 0\n");
        Files.createDirectory(updates.resolve("trial.tmp"));
        assertThat(launch()).isEqualTo(FORMER);
        assertThat(updates.resolve("trial")).doesNotExist();

        Files.delete(updates.resolve("trial.tmp"));
        Files.writeString(updates.resolve("trial"), "B 0\n");
        Files.createDirectory(updates.resolve("good.tmp"));
        assertThat(launch()).isEqualTo(FORMER);
        assertThat(updates.resolve("outcome")).content().contains("the disk refuses");
    }

    @Test
    void a_version_that_failed_has_ended_before_its_trial_is_over() throws Exception {
        site("failed");
        Path saw = data.resolve("saw");
        Files.writeString(updates.resolve("trial"), "B 0\n");
        behaves("B", """
                trap 'ls "$TOCSIN_DATA/updates" > "$TOCSIN_DATA/saw"; exit 0' TERM
                touch "$TOCSIN_DATA/runs"
                while :; do sleep 0.05; done
                """);
        behaves("A", """
                [ "$1" != run ] || { echo RUNS "$(cat "$home/release.json")"; exit 0; }
                until [ -f "$TOCSIN_DATA/runs" ]; do sleep 0.05; done
                echo it is ill
                exit 1
                """);
        assertThat(launch()).isEqualTo(FORMER);
        assertThat(saw).content().contains("trial");
        assertThat(updates.resolve("outcome")).hasContent("it is ill");
        assertThat(updates.resolve("trial")).doesNotExist();
    }

    private void behaves(String slot, String script) throws IOException {
        Path start = updates.resolve(slot).resolve("bin/edge-agent");
        String home = Files.readAllLines(start).get(1);
        Files.writeString(start, "#!/bin/sh\n" + home + "\n" + script);
    }
}
