package dev.tocsin.standalone.river;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.tocsin.profiles.alert.Alert;
import dev.tocsin.profiles.alert.AlertKind;
import dev.tocsin.profiles.profile.Profile;
import dev.tocsin.profiles.profile.ProfileCatalog;
import dev.tocsin.standalone.field.FieldPublisher;
import dev.tocsin.standalone.replay.Replay;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import java.util.zip.ZipInputStream;
import org.eclipse.paho.mqttv5.common.MqttException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** Recordings of real fires and of real quiet, played through the whole river. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class RealDataTest {
    private static final Duration SOON = Duration.ofMinutes(2);
    private static final long ALL = Long.MAX_VALUE;
    /** One detector a room; -Dreal.quadrants=A,B,C,D plays all four, which takes as many times longer. */
    private static final List<String> QUADRANTS =
            List.of(System.getProperty("real.quadrants", "A").split(","));

    private Site site;
    private FieldPublisher field;
    private AlertTopic topic;

    @BeforeAll
    void startTheRiver(@TempDir Path data) throws Exception {
        site = Site.start(data);
        field = site.field("real-data");
        topic = site.alerts("real-data-alerts");
    }

    @AfterAll
    void stopTheRiver() throws MqttException {
        topic.close();
        field.close();
        site.close();
    }

    @Test
    void theRealFireOfSmokeIotAlarmsWithinAMinuteAndPlayedAgainRaisesNothingNew() throws Exception {
        Path csv = SharedData.set("smoke_iot").resolve("smoke_detection_iot.csv.gz");
        Replay.Selection recordingB = new Replay.Selection(csv, Map.of(), Set.of(), "UTC", 49_988, 51_141);
        play("air-multi", "smoke-b", 240, null, recordingB);
        awaitArchived("smoke-b");
        List<Alert> alarms = alarms("smoke-b");
        assertThat(alarms).isNotEmpty();
        Instant firstRow = firstObserved("smoke-b");
        Instant firstAlarm =
                alarms.stream().map(Alert::updated).min(Instant::compareTo).orElseThrow();
        System.out.println(
                "smoke_iot B: alarm " + Duration.between(firstRow, firstAlarm).toSeconds() + " s after the first row");
        assertThat(firstAlarm).isBeforeOrEqualTo(firstRow.plusSeconds(60));
        assertThat(alarms).allMatch(Alert::drill);

        Set<String> ids = ids("smoke-b");
        play("air-multi", "smoke-b", 0, null, recordingB);
        play("air-multi", "smoke-b-end", 0, null, recordingB);
        awaitArchived("smoke-b-end");
        assertThat(ids("smoke-b")).isEqualTo(ids);
    }

    @Test
    void theQuietRecordingOfSmokeIotRaisesNoFireAlarm() throws Exception {
        Path csv = SharedData.set("smoke_iot").resolve("smoke_detection_iot.csv.gz");
        play(
                "air-multi",
                "smoke-a",
                0,
                null,
                new Replay.Selection(csv, Map.of(), Set.of("Temperature[C]"), "UTC", 0, 24_993));
        awaitArchived("smoke-a");
        assertThat(alarms("smoke-a")).isEmpty();
    }

    @Test
    void aDayOfThreeBoardsWithoutAFireRaisesNoFireAlarm(@TempDir Path folder) throws Exception {
        Path zip = SharedData.set("stafford_iot_telemetry").resolve("sample_data/raw_data_xlarge.json.zip");
        for (Path csv : boards(zip, folder)) {
            String device = csv.getFileName().toString().replace(".csv", "");
            play("gas-mq2-board", device, 0, null, new Replay.Selection(csv, Map.of(), Set.of(), "ts", 0, ALL));
            awaitArchived(device);
            assertThat(alarms(device)).as(device).isEmpty();
        }
    }

    @Test
    void everyRoomFireAlarmsAndNoneBeforeItsIgnition() throws Exception {
        Path folder = SharedData.set("ul_compartments_2018").resolve("01_Data");
        Map<String, Instant> ignition = new TreeMap<>();
        try (Stream<Path> files = Files.list(folder)) {
            for (Path csv :
                    files.filter(f -> f.toString().endsWith(".csv.gz")).sorted().toList()) {
                String run = csv.getFileName().toString().replace(".csv.gz", "");
                playRun(csv, run, ignition);
            }
        }
        String last = ignition.keySet().stream().reduce((a, b) -> b).orElseThrow();
        awaitArchived(last + "-" + QUADRANTS.get(0));
        Map<String, List<Alert>> byRun = new HashMap<>();
        for (Alert alert : topic.publications()) {
            String run = alert.device().replaceAll("-[A-D]$", "");
            if (ignition.containsKey(run) && alert.kind() == AlertKind.ALARM) {
                byRun.computeIfAbsent(run, r -> new ArrayList<>()).add(alert);
            }
        }
        assertThat(byRun.keySet()).as("runs that alarmed").isEqualTo(ignition.keySet());
        List<Long> rise = new ArrayList<>();
        List<Long> fixed = new ArrayList<>();
        byRun.forEach((run, alerts) -> {
            Instant zero = ignition.get(run);
            assertThat(alerts).as(run).allMatch(a -> !a.onset().isBefore(zero));
            if (run.startsWith("RedAccent")) {
                rise.add(firstAfter(zero, alerts, "heat-en54-a1r/rise"));
                fixed.add(firstAfter(zero, alerts, "heat-en54-a1r/fixed"));
            }
        });
        System.out.printf(
                "UL rooms: %d of %d runs alarmed; chairs: rate of rise %d s, 57 °C %d s (medians)%n",
                byRun.size(), ignition.size(), median(rise), median(fixed));
        assertThat(median(rise)).isLessThan(median(fixed));
    }

    /** Ceiling thermocouples of one run as detectors, 2018-01-01 being its first row. */
    private void playRun(Path csv, String run, Map<String, Instant> ignition) throws Exception {
        Instant start = Instant.parse("2018-01-01T00:00:00Z");
        try (Recording recording = new Recording(csv)) {
            ignition.put(run, start.plusSeconds(-recording.firstTimeSeconds()));
            for (String quadrant : QUADRANTS) {
                String column = "Quadrant " + quadrant + " Temperature 25 mm Below Ceiling";
                if (recording.columns().contains(column)) {
                    play(
                            "heat-en54-a1r",
                            run + "-" + quadrant,
                            0,
                            start,
                            new Replay.Selection(csv, Map.of(column, "temperature"), Set.of(), "Time", 0, ALL));
                }
            }
        }
    }

    private static long firstAfter(Instant zero, List<Alert> alerts, String rule) {
        return alerts.stream()
                .filter(a -> a.rule().equals(rule))
                .map(a -> Duration.between(zero, a.onset()).toSeconds())
                .min(Long::compare)
                .orElse(Long.MAX_VALUE);
    }

    private static long median(List<Long> values) {
        List<Long> sorted = values.stream().sorted().toList();
        return sorted.get(sorted.size() / 2);
    }

    private void play(
            String profileId, String device, double speed, @Nullable Instant start, Replay.Selection selection)
            throws IOException, InterruptedException {
        Profile profile = Objects.requireNonNull(ProfileCatalog.builtIn().find(profileId));
        Replay.Played played = new Replay(profile, device, speed, start).play(selection, field, rows -> {});
        assertThat(played.notDelivered()).isZero();
    }

    /** Waits until what was played is stored, and what the alarm job made of it is published. */
    private void awaitArchived(String device) throws Exception {
        // A marker that raises an alert follows on the same way: when it is seen, everything before it was judged.
        String marker = "marker-" + device;
        field.publish(
                        "sensors/" + marker,
                        "[{\"n\":\"temperature\",\"u\":\"Cel\",\"v\":90}]"
                                .getBytes(java.nio.charset.StandardCharsets.UTF_8),
                        Map.of(dev.tocsin.profiles.codec.Incoming.PROFILE, "heat-en54-a1r"))
                .join();
        await().atMost(SOON).until(() -> !topic.of(marker).isEmpty());
        await().atMost(SOON).until(() -> !firstObserved(device).equals(Instant.MAX));
    }

    private Instant firstObserved(String device) throws SQLException, IOException {
        try (Connection database = site.database();
                PreparedStatement query = database.prepareStatement(
                        "select min(observed_at) from sensing.reading r join sensing.series s on s.id = r.series"
                                + " where s.device = ?")) {
            query.setString(1, device);
            try (ResultSet row = query.executeQuery()) {
                row.next();
                return row.getTimestamp(1) == null
                        ? Instant.MAX
                        : row.getTimestamp(1).toInstant();
            }
        }
    }

    private List<Alert> alarms(String device) {
        return topic.of(device).stream()
                .filter(a -> a.kind() == AlertKind.ALARM)
                .toList();
    }

    private Set<String> ids(String device) {
        return topic.of(device).stream().map(Alert::id).collect(java.util.stream.Collectors.toSet());
    }

    /** One CSV a board from the zipped JSON array. */
    private static List<Path> boards(Path zip, Path folder) throws IOException {
        Map<String, StringBuilder> boards = new TreeMap<>();
        try (InputStream file = Files.newInputStream(zip);
                ZipInputStream in = new ZipInputStream(file)) {
            in.getNextEntry();
            for (JsonNode message : new ObjectMapper().readTree(in)) {
                JsonNode data = message.get("data");
                StringBuilder csv = boards.computeIfAbsent(
                        message.get("device").asText(),
                        d -> new StringBuilder("ts,co,lpg,smoke,temp,humidity,light,motion\n"));
                csv.append(message.get("ts").asText());
                for (String field : List.of("co", "lpg", "smoke", "temp", "humidity", "light", "motion")) {
                    csv.append(',').append(data.get(field).asText());
                }
                csv.append('\n');
            }
        }
        List<Path> files = new ArrayList<>();
        for (Map.Entry<String, StringBuilder> board : boards.entrySet()) {
            files.add(Files.writeString(folder.resolve(board.getKey() + ".csv"), board.getValue()));
        }
        return files;
    }
}
