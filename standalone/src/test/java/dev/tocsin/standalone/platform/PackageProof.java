package dev.tocsin.standalone.platform;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The edge agent as a Debian package, built, installed, run as its user, removed and purged. A command of its own, because
 * building it takes a minute; skipped where there is no dpkg, or no right to mount.
 */
class PackageProof {
    private static final Path DEPLOY = Path.of("../deploy/edge");
    /** What {@code check-deb} ends with where it cannot be done. */
    private static final int SKIPPED = 77;

    @TempDir
    Path folder;

    private static int run(String program, String... arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(DEPLOY.resolve(program).toString()));
        command.addAll(List.of(arguments));
        return new ProcessBuilder(command).inheritIO().start().waitFor();
    }

    @Test
    void installs_runs_as_its_user_on_a_read_only_root_and_is_removed_without_a_trace() throws Exception {
        assumeTrue(Files.isExecutable(Path.of("/usr/bin/dpkg-deb")), "no dpkg-deb");
        assertThat(run("build-deb", "--no-build", "--deb=" + folder, "--out=" + folder.resolve("image")))
                .isZero();
        Path deb;
        try (Stream<Path> files = Files.list(folder)) {
            deb = files.filter(file -> file.toString().endsWith(".deb"))
                    .findFirst()
                    .orElseThrow();
        }
        int status = run("check-deb", deb.toString());
        assumeTrue(status != SKIPPED, "it cannot be installed here");
        assertThat(status).isZero();
    }
}
