package dev.tocsin.standalone.score;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NabScoreTest {
    private static final int ROWS = 2_000;
    private static final int SHIFT = 1_500;
    private static final DateTimeFormatter TIMESTAMP = DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss");

    @TempDir
    Path folder;

    private final ByteArrayOutputStream printed = new ByteArrayOutputStream();

    @BeforeEach
    void writeOneSeriesWithAShift() throws IOException {
        Random random = new Random(1);
        StringBuilder data = new StringBuilder("timestamp,value\n");
        for (int row = 0; row < ROWS; row++) {
            double value = (row < SHIFT ? 20 : 40) + random.nextGaussian();
            data.append(timestamp(row)).append(',').append(value).append('\n');
        }
        Files.createDirectories(folder.resolve("data/realKnownCause"));
        Files.createDirectories(folder.resolve("labels"));
        Files.writeString(folder.resolve("data/realKnownCause/shift.csv"), data);
        label(timestamp(1_450) + ".000000", timestamp(1_549) + ".000000");
    }

    @Test
    void a_plain_shift_is_found_and_scored() throws IOException {
        double standard = run();

        assertThat(standard).isBetween(50.0, 100.0);
        assertThat(printed.toString(StandardCharsets.UTF_8))
                .contains("1 series, 2000 readings", "standard", "realKnownCause")
                .contains("a rule with unusual: 0.70 finds 1 of 1 windows");
    }

    @Test
    void the_result_file_is_the_one_nab_reads() throws IOException {
        run();

        List<String> lines = Files.readAllLines(folder.resolve("results/tocsin/realKnownCause/tocsin_shift.csv"));
        assertThat(lines).hasSize(ROWS + 1);
        assertThat(lines.get(0))
                .isEqualTo("timestamp,value,anomaly_score,label,S(t)_reward_low_FP_rate,S(t)_reward_low_FN_rate,"
                        + "S(t)_standard");
        assertThat(lines.get(1)).startsWith(timestamp(0) + ",").endsWith(",0.0,0,-0.22,-0.11,-0.11");
        assertThat(lines.get(1 + 1_450).split(",")[3]).isEqualTo("1");
    }

    @Test
    void scores_read_back_from_result_files_score_the_same() throws IOException {
        double standard = run();

        List<NabSeries> corpus = NabCorpus.read(folder);
        double[] scores = new NabResults(folder.resolve("results"), NabScore.DETECTOR).read(corpus.get(0));
        NabSweep sweep = new NabSweep(NabProfile.STANDARD);
        NabSweep.Outcome best = NabSweep.best(sweep.outcomes(corpus, List.of(scores)));
        assertThat(sweep.normalised(best.score(), corpus)).isEqualTo(standard, within(1e-9));
    }

    @Test
    void the_table_of_a_profile_ends_with_the_totals() throws IOException {
        run();

        List<String> lines = Files.readAllLines(folder.resolve("results/tocsin/tocsin_standard_scores.csv"));
        assertThat(lines).hasSize(3);
        assertThat(lines.get(1)).startsWith("tocsin,standard,realKnownCause/shift.csv,");
        // 2,000 rows less 300 of probation.
        assertThat(lines.get(2)).startsWith("Totals,,,,").endsWith(",1700");
    }

    @Test
    void a_window_outside_the_data_is_refused() throws IOException {
        label("1999-01-01 00:00:00.000000", timestamp(1_549));

        assertThatThrownBy(() -> NabCorpus.read(folder))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("shift.csv")
                .hasMessageContaining("1999-01-01");
    }

    private double run() throws IOException {
        return NabScore.run(folder, folder.resolve("results"), new PrintStream(printed, true, StandardCharsets.UTF_8));
    }

    private void label(String first, String last) throws IOException {
        Files.writeString(
                folder.resolve("labels/combined_windows.json"),
                "{\"realKnownCause/shift.csv\": [[\"" + first + "\", \"" + last + "\"]]}");
    }

    private static String timestamp(int row) {
        return LocalDateTime.of(2014, 4, 1, 0, 0).plusMinutes(5L * row).format(TIMESTAMP);
    }
}
