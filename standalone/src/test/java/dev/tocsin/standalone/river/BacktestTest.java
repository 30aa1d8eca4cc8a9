package dev.tocsin.standalone.river;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.tocsin.profiles.profile.Profile;
import dev.tocsin.profiles.profile.ProfileCatalog;
import dev.tocsin.standalone.field.FieldPublisher;
import dev.tocsin.standalone.replay.Replay;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A real platform's archive, looked back upon with the command as people run it. */
class BacktestTest {
    private static final Duration SOON = Duration.ofSeconds(90);
    private static final int ROOMS = 5;

    @TempDir
    Path folder;

    private @Nullable Site site;

    @AfterEach
    void stop() {
        if (site != null) {
            site.close();
        }
    }

    @Test
    void theRulesAsTheyAreGiveWhatDidAlarmAndOthersWhatTheyWouldHaveChangedRunningAndStopped() throws Exception {
        site = Site.start(folder);
        happen();
        long did = awaitArchived();
        JsonNode running = backtest();
        assertThat(running.get("same").asLong()).as(running.toString()).isEqualTo(did);
        assertThat(running.get("new").asInt()).isZero();
        assertThat(running.get("gone").asInt()).isZero();
        site.close();

        Path rules = Files.writeString(folder.resolve("rules.yaml"), """
                id: trial
                version: 1000001
                scope: {areas: [town]}
                changes:
                  - {rule: senml-room/heat, when: {above: 62, clear: 50}}
                """);
        JsonNode stopped = backtest("--rules=" + rules);
        assertThat(stopped.get("same").asLong()).as(stopped.toString()).isEqualTo(did - 3);
        assertThat(stopped.get("new").asInt()).isZero();
        List<String> gone = new ArrayList<>();
        stopped.get("alerts").forEach(alert -> {
            if (alert.get("what").asText().equals("gone")) {
                gone.add(alert.get("device").asText() + " " + alert.get("rule").asText());
            }
        });
        assertThat(gone)
                .containsExactlyInAnyOrder("room-0 senml-room/heat", "room-1 senml-room/heat", "drill senml-room/heat");
    }

    @Test
    void whereThereIsNoArchiveOneLineSaysSo() throws Exception {
        Run run = run(folder.resolve("nothing"), 1, 2, "--from=2026-01-01T00:00:00Z", "--to=2026-01-02T00:00:00Z");

        assertThat(run.code()).isEqualTo(1);
        assertThat(run.errors().lines())
                .singleElement()
                .asString()
                .contains(folder.resolve("nothing") + " holds no archive", "--data DIR", "--database-url");
    }

    /** Rooms that are too warm by 1 to 9 degrees, one that smokes for longer than its delay, one on a recording. */
    private void happen() throws Exception {
        try (FieldPublisher field = site.field("backtest-test")) {
            for (int room = 0; room < ROOMS; room++) {
                int warm = 58 + 2 * room;
                say(field, "room-" + room, "{\"n\":\"temperature\",\"u\":\"Cel\",\"v\":" + warm + "}");
            }
            say(field, "smoky", "{\"n\":\"smoke\",\"u\":\"dB/m\",\"v\":0.3}");
            Path csv = Files.writeString(
                    folder.resolve("drill.csv"), "time,temperature\n0,20\n60,60\n120,61\n180,20\n600,20\n");
            Profile room = Objects.requireNonNull(ProfileCatalog.builtIn().find("senml-room"));
            new Replay(room, "drill", 0, Instant.now().minusSeconds(900))
                    .play(new Replay.Selection(csv, Map.of(), Set.of(), null, 0, Long.MAX_VALUE), field, row -> {});
        }
    }

    private static void say(FieldPublisher field, String device, String record) throws InterruptedException {
        field.publish("sensors/" + device, ("[" + record + "]").getBytes(StandardCharsets.UTF_8), Map.of())
                .join();
    }

    /** How many did alarm: the last is the one whose delay only the pulse ends. */
    private long awaitArchived() throws Exception {
        try (Connection database = site.database()) {
            await().atMost(SOON)
                    .until(() -> count(database, "select count(*) from sensing.alert where device = 'smoky'") > 0
                            && count(database, "select count(*) from sensing.alert where rule = 'senml-room/heat'")
                                    > ROOMS
                            && count(
                                            database,
                                            "select count(*) from sensing.reading r join sensing.series s"
                                                    + " on s.id = r.series where s.device = 'drill'")
                                    == 5);
            return count(database, "select count(*) from sensing.alert");
        }
    }

    private static long count(Connection database, String query) throws Exception {
        try (var statement = database.createStatement();
                ResultSet row = statement.executeQuery(query)) {
            row.next();
            return row.getLong(1);
        }
    }

    private JsonNode backtest(String... more) throws Exception {
        List<String> words = new ArrayList<>(List.of(
                "--from=" + Instant.now().minusSeconds(3_600),
                "--to=" + Instant.now().plusSeconds(60),
                "--warm-up=PT1H",
                "--tolerance=PT0S",
                "--format=json"));
        words.addAll(List.of(more));
        Run run = run(
                site.platform.plan().data(), site.ports.mqtt(), site.ports.postgres(), words.toArray(new String[0]));
        assertThat(run.code()).as(run.errors()).isZero();
        return new ObjectMapper().readTree(run.output());
    }

    private record Run(int code, String output, String errors) {}

    private Run run(Path data, int mqtt, int postgres, String... more) throws Exception {
        List<String> words = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                "dev.tocsin.standalone.Tocsin",
                "backtest",
                "--data=" + data,
                "--mqtt-port=" + mqtt,
                "--postgres-port=" + postgres));
        words.addAll(List.of(more));
        Path output = folder.resolve("output.txt");
        Path errors = folder.resolve("errors.txt");
        Process process = new ProcessBuilder(words)
                .redirectOutput(output.toFile())
                .redirectError(errors.toFile())
                .start();
        int code = process.waitFor();
        return new Run(code, Files.readString(output), Files.readString(errors));
    }
}
