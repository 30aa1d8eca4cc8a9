package dev.tocsin.profiles.detect;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.tocsin.profiles.SharedData;
import dev.tocsin.profiles.alert.AlertKind;
import dev.tocsin.profiles.codec.Decoding;
import dev.tocsin.profiles.codec.Decoding.Decoded;
import dev.tocsin.profiles.codec.Incoming;
import dev.tocsin.profiles.codec.MessageDecoder;
import dev.tocsin.profiles.codec.Registry;
import dev.tocsin.profiles.profile.Profile;
import dev.tocsin.profiles.profile.ProfileCatalog;
import dev.tocsin.profiles.reading.DeviceReadings;
import dev.tocsin.profiles.reading.Quality;
import dev.tocsin.profiles.reading.Reading;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.time.Clock;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.zip.ZipInputStream;
import org.junit.jupiter.api.Test;

/** Recorded messages through decoder, quality and rules, as at the edge. */
class RecordedDataTest {
    private static final ProfileCatalog CATALOG = ProfileCatalog.builtIn();
    private static final Map<String, String> SMOKE_IOT_COLUMNS = Map.of(
            "Temperature[C]", "temperature",
            "Humidity[%]", "humidity",
            "TVOC[ppb]", "tvoc",
            "eCO2[ppm]", "eco2",
            "Pressure[hPa]", "pressure",
            "PM1.0", "pm1.0",
            "PM2.5", "pm2.5");

    private final MessageDecoder decoder =
            new MessageDecoder(CATALOG, Registry.opened(), Clock.systemUTC(), () -> true);
    private final QualityJudge quality = new QualityJudge(1_000);
    private final Map<String, RuleStates> states = new HashMap<>();
    private final List<Finding> findings = new ArrayList<>();
    private final Map<Quality, Integer> qualities = new HashMap<>();

    private Decoded play(String topic, String payload, String profileId) {
        Decoding decoding = decoder.decode(new Incoming(
                Incoming.Transport.MQTT,
                topic,
                -1,
                payload.getBytes(StandardCharsets.UTF_8),
                Map.of(Incoming.PROFILE, profileId, Incoming.REPLAY, "1"),
                System.currentTimeMillis()));
        assertThat(decoding).isInstanceOf(Decoded.class);
        Decoded decoded = (Decoded) decoding;
        assertThat(decoded.refused()).isNull();
        Profile profile = CATALOG.find(decoded.profile());
        String device = decoded.readings().get(0).device();
        List<Reading> readings = quality.judge(profile, true, decoded.readings());
        readings.forEach(reading -> qualities.merge(reading.quality(), 1, Integer::sum));
        Judge.onReadings(
                profile,
                DeviceReadings.of(device, profile.id(), true, 1, readings),
                states.computeIfAbsent(device, d -> RuleStates.in(new HashMap<>())),
                findings::add);
        return new Decoded(decoded.profile(), true, decoded.enrolled(), readings);
    }

    private long playSmokeIot(int firstRow, int lastRow, boolean temperature) {
        List<String> lines = SharedData.lines(SharedData.path("smoke_iot/smoke_detection_iot.csv.gz"));
        String[] header = lines.get(0).split(",");
        for (String line : lines.subList(firstRow + 1, lastRow + 2)) {
            String[] cells = line.split(",");
            StringBuilder pack = new StringBuilder("[{\"bt\":" + cells[1]);
            String separator = ",";
            for (int i = 0; i < header.length; i++) {
                String metric = SMOKE_IOT_COLUMNS.get(header[i]);
                if (metric != null && (temperature || !metric.equals("temperature"))) {
                    pack.append(separator).append("\"n\":\"" + metric + "\",\"v\":" + cells[i] + "}");
                    separator = ",{";
                }
            }
            play("sensors/air", pack.append("]").toString(), "air-multi");
        }
        return Long.parseLong(lines.get(firstRow + 1).split(",")[1]) * 1000;
    }

    private List<Finding> alarms() {
        return findings.stream()
                .filter(finding -> finding.raised() && finding.kind() == AlertKind.ALARM)
                .toList();
    }

    @Test
    void theRealFireOfSmokeIotAlarmsWithinAMinute() {
        long startMs = playSmokeIot(49988, 51141, true);
        assertThat(alarms()).isNotEmpty();
        double seconds = (alarms().get(0).atMs() - startMs) / 1000.0;
        System.out.printf("smoke_iot B: %s after %.0f s%n", alarms().get(0).rule(), seconds);
        assertThat(seconds).isBetween(0.0, 60.0);
        int before = findings.size();
        playSmokeIot(49988, 51141, true);
        assertThat(findings).as("the same again raises nothing new").hasSize(before);
    }

    @Test
    void theQuietRecordingOfSmokeIotRaisesNoAlarm() {
        playSmokeIot(0, 24993, false);
        System.out.println("smoke_iot A: " + findings.size() + " findings, qualities " + qualities);
        assertThat(alarms()).isEmpty();
        assertThat(qualities).doesNotContainKey(Quality.STUCK);
    }

    @Test
    void theGrillOfSmokeIotIsNotMissed() {
        playSmokeIot(51142, 56885, false);
        System.out.println("smoke_iot C: "
                + findings.stream().filter(Finding::raised).map(Finding::rule).toList());
        assertThat(findings).extracting("kind").contains(AlertKind.PRE_ALARM);
    }

    /** Two weeks of an office; who is there is known from pictures. */
    @Test
    void anOfficeIsNoFireAndWhoWorksThereByDayNoIntruder() {
        for (String file : List.of("datatest.txt", "datatraining.txt", "datatest2.txt")) {
            List<String> lines = SharedData.lines(SharedData.path("uci_occupancy/" + file));
            for (String line : lines.subList(1, lines.size())) {
                String[] cells = line.replace("\"", "").split(",");
                long at = LocalDateTime.parse(cells[1].replace(' ', 'T'))
                        .atZone(ZoneId.of("Asia/Shanghai"))
                        .toEpochSecond();
                play("sensors/office", office(at, cells), "senml-room");
                play("sensors/by-day", motion(at, cells), "senml-intrusion");
            }
        }
        System.out.println("uci_occupancy: " + findings.size() + " findings, qualities " + qualities);
        assertThat(findings).isEmpty();
    }

    @Test
    void whoIsInAnOfficeByNightIsAnIntruderOnEveryDayOfTheWeek() {
        Set<LocalDate> nights = new TreeSet<>();
        for (String line : SharedData.lines(SharedData.path("uci_occupancy/datatraining.txt"))
                .subList(1, 8_144)) {
            String[] cells = line.replace("\"", "").split(",");
            ZonedDateTime at = LocalDateTime.parse(cells[1].replace(' ', 'T'))
                    .atZone(ZoneId.of("Asia/Shanghai"))
                    .plusHours(12);
            if (cells[7].equals("1")) {
                nights.add(at.minusHours(12).toLocalDate());
            }
            play("sensors/by-night", motion(at.toEpochSecond(), cells), "senml-intrusion");
        }
        Set<LocalDate> told = new TreeSet<>();
        for (Finding finding : findings) {
            if (finding.raised()) {
                told.add(LocalDate.ofInstant(
                        Instant.ofEpochMilli(finding.onsetMs()).minusSeconds(12 * 3_600), ZoneId.of("Asia/Shanghai")));
            }
        }
        assertThat(told).isEqualTo(nights).hasSizeGreaterThan(3);
    }

    private static String office(long at, String[] cells) {
        return "[{\"bt\":" + at + ",\"n\":\"temperature\",\"v\":" + cells[2] + "},{\"n\":\"humidity\",\"v\":" + cells[3]
                + "},{\"n\":\"co2\",\"v\":" + cells[5] + "}]";
    }

    private static String motion(long at, String[] cells) {
        return "[{\"bt\":" + at + ",\"n\":\"motion\",\"v\":" + cells[7] + "}]";
    }

    @Test
    void aDayOfThreeBoardsRaisesNoFireAlarmAndItsBitErrorsAreBad() throws Exception {
        JsonNode messages;
        try (InputStream file = Files.newInputStream(
                        SharedData.path("stafford_iot_telemetry/sample_data/raw_data_xlarge.json.zip"));
                ZipInputStream zip = new ZipInputStream(file)) {
            zip.getNextEntry();
            messages = new ObjectMapper().readTree(zip);
        }
        Map<String, List<Reading>> temperatures = new HashMap<>();
        for (JsonNode message : messages) {
            Decoded decoded = play("iot-device-data", message.toString(), "gas-mq2-board");
            decoded.readings().stream()
                    .filter(reading -> reading.metric().equals("temp"))
                    .forEach(reading -> temperatures
                            .computeIfAbsent(reading.device(), d -> new ArrayList<>())
                            .add(reading));
        }
        int glitches = 0;
        int flagged = 0;
        int wronglyFlagged = 0;
        for (List<Reading> series : temperatures.values()) {
            for (int i = 1; i + 2 < series.size(); i++) {
                double before = series.get(i).value() - series.get(i - 1).value();
                double after = series.get(i).value() - series.get(i + 1).value();
                // The air of a room does not fall by 2.9 K between two messages, nor is it back in the next.
                boolean glitch = before < -2.9 && after < -2.9
                        || before < -2.9
                                && series.get(i + 2).value() - 2.9
                                        > series.get(i).value();
                boolean bad = series.get(i).quality() == Quality.SPIKE;
                glitches += glitch ? 1 : 0;
                flagged += glitch && bad ? 1 : 0;
                wronglyFlagged += !glitch && bad ? 1 : 0;
            }
        }
        System.out.printf(
                "stafford: %d messages, %d glitches, %d flagged, %d others flagged, findings %s%n",
                messages.size(), glitches, flagged, wronglyFlagged, findings.size());
        assertThat(alarms()).isEmpty();
        assertThat(qualities).doesNotContainKey(Quality.STUCK);
        assertThat(glitches).isGreaterThan(40);
        assertThat(flagged).isGreaterThan(glitches * 9 / 10);
    }
}
