package dev.tocsin.standalone;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** What the person at the keyboard is told when a replay cannot be. */
class ReplayCommandTest {
    private static final int WRONG_USE = 2;

    @TempDir
    Path folder;

    @Test
    void wrongUseIsSaidWithoutAStackTrace() throws Exception {
        Path file = Files.writeString(folder.resolve("a.csv"), "time,temperature\n1700000000,21\n");
        for (String device : List.of("a+b", "a#", "a/b", "")) {
            assertRefused("is no device id", file, "--profile=heat-en54-a1r", "--device=" + device);
        }
        assertRefused("speed", file, "--profile=heat-en54-a1r", "--device=d", "--speed=-1");
        assertRefused("speed", file, "--profile=heat-en54-a1r", "--device=d", "--speed=NaN");
        assertRefused("FIRST-LAST", file, "--profile=heat-en54-a1r", "--device=d", "--rows=9");
        assertRefused("no profile is called 'nothing'", file, "--profile=nothing", "--device=d");
    }

    @Test
    void aSitesOwnProfileIsKnown() throws Exception {
        Path file = Files.writeString(folder.resolve("a.csv"), "time,temperature\n1700000000,21\n");
        Path own = Files.createDirectory(folder.resolve("profiles"));
        String builtIn = Files.readString(Path.of("../device-profiles/src/main/resources/profiles/heat-en54-a1r.yaml"));
        Files.writeString(own.resolve("own.yaml"), builtIn.replaceFirst("heat-en54-a1r", "own-heat"));
        // Known, it goes on to the broker, which is not there.
        assertThat(run(
                                file,
                                "--profile=own-heat",
                                "--device=d",
                                "--profiles-folder=" + own,
                                "--broker-url=tcp://127.0.0.1:1")
                        .said())
                .contains("no connection to tcp://127.0.0.1:1");
    }

    private static void assertRefused(String why, Path file, String... options) {
        Result result = run(file, options);
        assertThat(result.code()).as(why).isEqualTo(WRONG_USE);
        assertThat(result.said()).contains(why).doesNotContain("\tat ");
    }

    private record Result(int code, String said) {}

    private static Result run(Path file, String... options) {
        List<String> words = new ArrayList<>(List.of("replay", file.toString()));
        words.addAll(List.of(options));
        StringWriter said = new StringWriter();
        CommandLine command = Tocsin.commandLine().setErr(new PrintWriter(said));
        return new Result(command.execute(words.toArray(new String[0])), said.toString());
    }
}
