package dev.tocsin.standalone.replay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tocsin.profiles.profile.Profile;
import dev.tocsin.profiles.profile.ProfileCatalog;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CsvRecordingTest {
    private static final Profile HEAT =
            Objects.requireNonNull(ProfileCatalog.builtIn().find("heat-en54-a1r"));

    @TempDir
    Path folder;

    @ParameterizedTest
    @ValueSource(
            strings = {
                "time,Temperature [C]\n1700000000,21.5\n",
                "\uFEFFtime,Temperature [C]\n1700000000,21.5\n",
                "time;Temperature [C]\r\n1700000000;21,5\r\n",
                "\uFEFFtime;Temperature [C]\n1700000000,000;21.5\n",
                "time\tTemperature [C]\n1700000000\t21,5\n",
                "time,Temperature [C]\n1700000000,\"21.5\"\n"
            })
    void theSameRecordingIsReadHoweverItsSpreadsheetWroteIt(String text) throws Exception {
        List<CsvRecording.Row> rows = rows(text);
        assertThat(rows).hasSize(1);
        assertThat(rows.get(0).values()).isEqualTo(Map.of("temperature", 21.5));
        assertThat(new CsvRecording.Timeline(null).atMs(rows.get(0))).isEqualTo(1_700_000_000_000L);
    }

    @Test
    void aCommaThatSeparatesIsNoDecimalComma() throws Exception {
        assertThat(rows("time,temperature\n1700000000,\"21,5\"\n").get(0).values())
                .isEmpty();
    }

    @Test
    void twoColumnsOfOneNameAreRefusedByName() {
        assertThatThrownBy(() -> rows("time,temperature,temperature\n1,2,3\n"))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("temperature");
    }

    private List<CsvRecording.Row> rows(String text) throws IOException {
        Path file = Files.writeString(folder.resolve("recording.csv"), text);
        List<CsvRecording.Row> rows = new ArrayList<>();
        try (CsvRecording recording = CsvRecording.open(file, HEAT, Map.of(), Set.of(), null)) {
            recording.forEach(rows::add);
        }
        return rows;
    }
}
