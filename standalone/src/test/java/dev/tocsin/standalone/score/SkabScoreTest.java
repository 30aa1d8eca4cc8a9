package dev.tocsin.standalone.score;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SkabScoreTest {
    @TempDir
    Path folder;

    @Test
    void a_disturbed_plant_is_marked_row_by_row() throws IOException {
        Files.createDirectories(folder.resolve("data/valve1"));
        Files.writeString(folder.resolve("data/valve1/0.csv"), experiment(600, 800));
        Files.createDirectories(folder.resolve("data/anomaly-free"));
        Files.writeString(folder.resolve("data/anomaly-free/anomaly-free.csv"), "not;read\n");
        ByteArrayOutputStream printed = new ByteArrayOutputStream();

        double f1 = SkabScore.run(folder, new PrintStream(printed, true, StandardCharsets.UTF_8));

        assertThat(f1).isGreaterThan(0.85);
        assertThat(printed.toString(StandardCharsets.UTF_8)).contains("valve1/0.csv", "all");
    }

    @Test
    void rows_of_the_training_part_do_not_count() {
        boolean[] said = {true, true, false};
        boolean[] is = {false, true, true};

        assertThat(Confusion.of(said, is, 1)).isEqualTo(new Confusion(1, 0, 1, 0));
    }

    @Test
    void the_measures_are_those_of_the_leaderboard() {
        Confusion confusion = new Confusion(6, 2, 4, 8);

        assertThat(confusion.f1()).isEqualTo(2 * 0.75 * 0.6 / 1.35, within(1e-12));
        assertThat(confusion.falseAlarmRate()).isEqualTo(0.2);
        assertThat(confusion.missedAlarmRate()).isEqualTo(0.4);
    }

    @Test
    void saying_nothing_is_worth_nothing() {
        assertThat(new Confusion(0, 0, 10, 10).f1()).isZero();
        assertThat(Confusion.NONE.falseAlarmRate()).isZero();
        assertThat(Confusion.NONE.missedAlarmRate()).isZero();
    }

    private static String experiment(int from, int to) {
        Random random = new Random(2);
        StringBuilder lines = new StringBuilder(
                "datetime;Accelerometer1RMS;Accelerometer2RMS;Current;Pressure;Temperature;Thermocouple;Voltage;"
                        + "Volume Flow RateRMS;anomaly;changepoint\n");
        for (int row = 0; row < 1_000; row++) {
            boolean anomalous = row >= from && row < to;
            lines.append("2020-03-09 10:00:00");
            for (int channel = 0; channel < 8; channel++) {
                lines.append(';').append((anomalous && channel == 7 ? -3 : 0) + random.nextGaussian());
            }
            lines.append(anomalous ? ";1.0;0.0\n" : ";0.0;0.0\n");
        }
        return lines.toString();
    }
}
