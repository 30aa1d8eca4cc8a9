package dev.tocsin.standalone;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tocsin.standalone.river.SharedData;
import dev.tocsin.standalone.score.NabScore;
import dev.tocsin.standalone.score.SkabScore;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class ScoreCommandTest {
    @TempDir
    Path folder;

    private final StringWriter said = new StringWriter();

    @Test
    void a_folder_without_the_benchmark_is_named_with_what_is_missing_and_where_to_get_it() throws IOException {
        assertThat(run("score", "nab", "--data=" + folder)).isEqualTo(1);
        assertThat(said.toString())
                .contains(folder.resolve("data") + " is not there", "https://github.com/numenta/NAB", "--data")
                .doesNotContain("\tat ");

        Files.createDirectory(folder.resolve("data"));
        assertThat(run("score", "nab", "--data=" + folder)).isEqualTo(1);
        assertThat(said.toString()).contains("combined_windows.json is not there");

        assertThat(run("score", "skab", "--data=" + folder)).isEqualTo(1);
        assertThat(said.toString()).contains("holds no experiments").doesNotContain("\tat ");
    }

    @Test
    void a_benchmark_must_be_named() {
        assertThat(run("score")).isEqualTo(2);
        assertThat(run("score", "nab", "--speed=2")).isEqualTo(2);
    }

    /** The goals are 65 on NAB in its standard profile and F1 0.78 on SKAB; what was reached must not be lost unseen. */
    @Test
    void the_detectors_reach_their_goals_on_the_real_benchmarks() throws IOException {
        assertThat(NabScore.run(SharedData.set("nab"), folder.resolve("results"), System.out))
                .isGreaterThan(70);
        assertThat(SkabScore.run(SharedData.set("skab"), System.out)).isGreaterThan(0.84);
    }

    private int run(String... words) {
        CommandLine command = Tocsin.commandLine().setErr(new PrintWriter(said));
        return command.execute(words);
    }
}
