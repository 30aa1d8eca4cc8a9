package dev.tocsin.profiles.detect;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tocsin.profiles.SharedData;
import dev.tocsin.profiles.alert.Alert;
import dev.tocsin.profiles.alert.AlertState;
import dev.tocsin.profiles.alert.Place;
import dev.tocsin.profiles.correlate.CorrelationRules;
import dev.tocsin.profiles.correlate.Correlator;
import dev.tocsin.profiles.correlate.Neighbourhood;
import dev.tocsin.profiles.profile.Profile;
import dev.tocsin.profiles.profile.ProfileCatalog;
import dev.tocsin.profiles.reading.DeviceReadings;
import dev.tocsin.profiles.reading.Quality;
import dev.tocsin.profiles.reading.Reading;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** 106 real room fires, ceiling thermocouples, 1 Hz; time 0 is the ignition. */
class RoomFiresTest {
    private static final String CEILING = "Temperature 25 mm Below Ceiling";
    private static final long IGNITION_MS = 1_600_000_000_000L;
    private final Profile heat = ProfileCatalog.builtIn().find("heat-en54-a1r");

    /** Raises of one run, oldest first; the channel is the device. */
    private List<Finding> raises(Path run, Predicate<String> channels) {
        List<String> lines = SharedData.lines(run);
        String[] header = lines.get(0).split(",");
        List<Finding> raises = new ArrayList<>();
        for (int column = 0; column < header.length; column++) {
            if (!channels.test(header[column])) {
                continue;
            }
            String device = header[column];
            List<Reading> readings = new ArrayList<>();
            for (String line : lines.subList(1, lines.size())) {
                String[] cells = line.split(",", -1);
                if (!cells[0].isEmpty() && column < cells.length && !cells[column].isEmpty()) {
                    long atMs = IGNITION_MS + Math.round(Double.parseDouble(cells[0]) * 1000);
                    readings.add(new Reading(
                            device, "temperature", Double.parseDouble(cells[column]), atMs, atMs, Quality.GOOD));
                }
            }
            if (readings.isEmpty()) {
                continue;
            }
            readings = new QualityJudge(10).judge(heat, true, readings);
            Judge.onReadings(
                    heat,
                    DeviceReadings.of(device, heat.id(), true, 1, readings),
                    RuleStates.in(new HashMap<>()),
                    finding -> {
                        if (finding.raised()) {
                            raises.add(finding);
                        }
                    });
        }
        raises.sort(Comparator.comparingLong(Finding::onsetMs).thenComparing(Finding::device));
        return raises;
    }

    /** First raise of each rule in seconds after the ignition, of the quadrant that saw it first. */
    private Map<String, Double> firstRaises(Path run) {
        Map<String, Double> first = new TreeMap<>();
        for (Finding raise : raises(run, channel -> channel.endsWith(CEILING))) {
            first.merge(raise.rule(), (raise.onsetMs() - IGNITION_MS) / 1000.0, Math::min);
        }
        return first;
    }

    /** When the first alert of a run was confirmed by another detector of the room, s after the ignition. */
    private static @Nullable Double confirmedAfter(String room, List<Finding> raises) {
        Correlator correlator = new Correlator(CorrelationRules.builtIn());
        Neighbourhood here = new Neighbourhood();
        List<Alert> said = new ArrayList<>();
        for (Finding raise : raises) {
            correlator.hear(here, alert(raise, room), raise.atMs(), said::add);
        }
        return said.stream()
                .map(alert -> alert.said().confirmed())
                .filter(Objects::nonNull)
                .map(confirmed -> (confirmed.at().toEpochMilli() - IGNITION_MS) / 1000.0)
                .min(Double::compare)
                .orElse(null);
    }

    private static Alert alert(Finding raise, String room) {
        return new Alert(
                Alert.idOf(raise.rule(), raise.device(), raise.onsetMs()),
                raise.atMs(),
                AlertState.ACTIVE,
                raise.rule(),
                raise.ruleVersion(),
                raise.kind(),
                raise.severity(),
                "gateway",
                raise.device(),
                new Place(new String[] {"laboratory"}, room + ", " + raise.device(), null, null),
                raise.metric(),
                raise.value(),
                raise.unit(),
                Instant.ofEpochMilli(raise.onsetMs()),
                Instant.ofEpochMilli(raise.atMs()),
                null,
                false,
                false,
                raise.evidence());
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
                if (!SharedData.lines(run).get(0).contains(CEILING)) {
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
        assertThat(median(chairsRise)).isLessThanOrEqualTo(56);
        assertThat(median(chairsFixed) - median(chairsRise)).isGreaterThan(20);
    }

    /** Also low on the walls and in the plume, where draughts of the ignition and the flame itself are felt. */
    @Test
    void everyFireIsConfirmedByASecondDetectorAndNoneBeforeItsIgnitionOnAnyChannel() throws IOException {
        int runs = 0;
        int early = 0;
        List<Double> chairsFirst = new ArrayList<>();
        List<Double> chairsFixed = new ArrayList<>();
        List<Double> chairsConfirmed = new ArrayList<>();
        try (Stream<Path> files = Files.list(SharedData.path("ul_compartments_2018/01_Data"))) {
            for (Path run : files.filter(file -> file.toString().endsWith(".csv.gz"))
                    .sorted()
                    .toList()) {
                runs++;
                String room = run.getFileName().toString().replace(".csv.gz", "");
                List<Finding> every = raises(run, channel -> channel.contains("Temperature"));
                early += (int) every.stream()
                        .filter(raise -> raise.onsetMs() < IGNITION_MS)
                        .count();
                assertThat(confirmedAfter(room, every))
                        .as(room + ", every channel")
                        .isNotNull()
                        .isGreaterThanOrEqualTo(0);
                List<Finding> ceiling = raises(run, channel -> channel.endsWith(CEILING));
                Double confirmed = confirmedAfter(room, ceiling);
                assertThat(confirmed).as(room + ", ceiling").isNotNull().isGreaterThanOrEqualTo(0);
                if (room.startsWith("RedAccent")) {
                    chairsFixed.add(ceiling.stream()
                            .filter(raise -> raise.rule().endsWith("/fixed"))
                            .mapToDouble(raise -> (raise.onsetMs() - IGNITION_MS) / 1000.0)
                            .min()
                            .orElseThrow());
                    chairsFirst.add((ceiling.get(0).onsetMs() - IGNITION_MS) / 1000.0);
                    chairsConfirmed.add(confirmed);
                }
            }
        }
        System.out.printf(
                "%d fires confirmed; single alarms before the ignition on any channel %d, confirmed 0;"
                        + " %d chairs: first alarm %s, confirmed %s (s after ignition)%n",
                runs, early, chairsFirst.size(), spread(chairsFirst), spread(chairsConfirmed));
        assertThat(median(chairsConfirmed))
                .as("a second detector is sure before the first one's fixed temperature would be")
                .isLessThan(median(chairsFixed));
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
