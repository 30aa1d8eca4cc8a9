package dev.tocsin.profiles.detect;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tocsin.profiles.SharedData;
import dev.tocsin.profiles.profile.Profile;
import dev.tocsin.profiles.profile.ProfileCatalog;
import dev.tocsin.profiles.reading.DeviceReadings;
import dev.tocsin.profiles.reading.Quality;
import dev.tocsin.profiles.reading.Reading;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** 106 real room fires, ceiling thermocouples, 1 Hz; time 0 is the ignition. */
class RoomFiresTest {
    private static final long IGNITION_MS = 1_600_000_000_000L;
    private final Profile heat = ProfileCatalog.builtIn().find("heat-en54-a1r");

    /** First raise of each rule in seconds after the ignition, of the quadrant that saw it first. */
    private Map<String, Double> firstRaises(Path run) {
        List<String> lines = SharedData.lines(run);
        String[] header = lines.get(0).split(",");
        Map<String, Double> first = new TreeMap<>();
        for (int column = 0; column < header.length; column++) {
            if (!header[column].endsWith("Temperature 25 mm Below Ceiling")) {
                continue;
            }
            List<Reading> readings = new ArrayList<>();
            for (String line : lines.subList(1, lines.size())) {
                String[] cells = line.split(",", -1);
                if (!cells[0].isEmpty() && column < cells.length && !cells[column].isEmpty()) {
                    long atMs = IGNITION_MS + Math.round(Double.parseDouble(cells[0]) * 1000);
                    readings.add(new Reading(
                            "d", "temperature", Double.parseDouble(cells[column]), atMs, atMs, Quality.GOOD));
                }
            }
            if (readings.isEmpty()) {
                continue;
            }
            readings = new QualityJudge(10).judge(heat, true, readings);
            Judge.onReadings(heat, DeviceReadings.of("d", heat.id(), true, 1, readings), new States(), finding -> {
                if (finding.raised()) {
                    first.merge(finding.rule(), (finding.onsetMs() - IGNITION_MS) / 1000.0, Math::min);
                }
            });
        }
        return first;
    }

    @Test
    void everyFireAlarmsAfterItsIgnitionAndOnChairsTheRateOfRiseComesFirst() throws IOException {
        List<Double> chairsFixed = new ArrayList<>();
        List<Double> chairsRise = new ArrayList<>();
        int runs = 0;
        try (Stream<Path> files = Files.list(SharedData.path("ul_compartments_2018/01_Data"))) {
            for (Path run : files.filter(file -> file.toString().endsWith(".csv.gz"))
                    .sorted()
                    .toList()) {
                if (!SharedData.lines(run).get(0).contains("Temperature 25 mm Below Ceiling")) {
                    continue;
                }
                runs++;
                Map<String, Double> first = firstRaises(run);
                assertThat(first).as(run.getFileName() + " alarms").isNotEmpty();
                assertThat(first.values())
                        .as(run.getFileName() + " is quiet before the ignition")
                        .allMatch(s -> s >= 0);
                if (run.getFileName().toString().startsWith("RedAccent")) {
                    double fixed = first.get("heat-en54-a1r/fixed");
                    double rise = first.get("heat-en54-a1r/rise");
                    assertThat(rise).as(run.getFileName() + " rises first").isLessThan(fixed);
                    chairsFixed.add(fixed);
                    chairsRise.add(rise);
                }
            }
        }
        System.out.printf(
                "%d fires; %d chairs: fixed 57 °C %s, rate of rise %s (s after ignition)%n",
                runs, chairsRise.size(), spread(chairsFixed), spread(chairsRise));
        assertThat(median(chairsFixed) - median(chairsRise)).isGreaterThan(20);
    }

    private static String spread(List<Double> seconds) {
        return "median " + median(seconds) + " max "
                + seconds.stream().max(Double::compare).orElseThrow();
    }

    private static double median(List<Double> seconds) {
        double[] sorted =
                seconds.stream().mapToDouble(Double::doubleValue).sorted().toArray();
        return Arrays.stream(sorted).skip(sorted.length / 2).findFirst().orElseThrow();
    }
}
