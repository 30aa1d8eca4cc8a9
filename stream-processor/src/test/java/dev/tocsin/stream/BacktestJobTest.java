package dev.tocsin.stream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.tocsin.profiles.alert.Alert;
import dev.tocsin.profiles.alert.AlertKind;
import dev.tocsin.profiles.alert.AlertState;
import dev.tocsin.profiles.alert.Evidence;
import dev.tocsin.profiles.alert.Place;
import dev.tocsin.profiles.alert.Severity;
import dev.tocsin.profiles.config.Settings;
import dev.tocsin.profiles.desired.Pulse;
import dev.tocsin.profiles.detect.Finding;
import dev.tocsin.profiles.detect.Judge;
import dev.tocsin.profiles.detect.RuleState;
import dev.tocsin.profiles.detect.RuleStates;
import dev.tocsin.profiles.profile.Profile;
import dev.tocsin.profiles.profile.ProfileCatalog;
import dev.tocsin.profiles.reading.DeviceReadings;
import dev.tocsin.profiles.reading.Quality;
import dev.tocsin.profiles.reading.Reading;
import dev.tocsin.stream.archive.Given;
import dev.tocsin.stream.archive.SpooledReadings;
import dev.tocsin.stream.store.Database;
import dev.tocsin.stream.store.TestServer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** An archive of two hours of twelve rooms, and what their agent raised, looked back upon. */
@Timeout(180)
class BacktestJobTest {
    private static final String GATEWAY = "gw-1";
    private static final Instant FROM = Instant.parse("2026-03-01T08:00:00Z");
    private static final long FROM_MS = FROM.toEpochMilli();
    private static final int MINUTES = 120;
    private static final int ROOMS = 12;
    private static final Profile ROOM =
            Objects.requireNonNull(ProfileCatalog.builtIn().find("senml-room"));

    @TempDir
    Path folder;

    private Database database;
    private final List<SpooledReadings> readings = new ArrayList<>();
    private final List<Alert> raised = new ArrayList<>();
    private long sequence;

    @BeforeEach
    void archive() throws Exception {
        database = TestServer.PLAIN.migrated();
        for (int room = 0; room < ROOMS; room++) {
            warmRoom("room-" + room, 40 + 2 * room);
        }
        // Its last word: only the pulse says that the delay is over.
        room("last-word", reading("last-word", "smoke", 0.3, 30 * 60));
        room(
                "taken-back",
                reading("taken-back", "smoke", 0.3, 40 * 60),
                reading("taken-back", "smoke", 0, 40 * 60 + 8));
        List<Reading> pulses = new ArrayList<>();
        for (int s = 0; s < MINUTES * 60; s += 5) {
            pulses.add(reading(GATEWAY, Pulse.METRIC, s, s));
        }
        spool(DeviceReadings.of(GATEWAY, Pulse.PROFILE, false, sequence, pulses));
        Given.archived(database, readings, raised);
    }

    @Test
    void the_rules_as_they_are_give_what_did_alarm() throws Exception {
        JsonNode outcome = json();

        assertThat(outcome.get("same").asInt()).isEqualTo(raised.size()).isGreaterThanOrEqualTo(4);
        assertThat(outcome.get("new").asInt()).isZero();
        assertThat(outcome.get("gone").asInt()).isZero();
        for (JsonNode alert : outcome.get("alerts")) {
            assertThat(alert.get("would")).isEqualTo(alert.get("did"));
        }
        assertThat(devices(outcome, "same")).contains("last-word", "room-9", "room-10", "room-11");
    }

    @Test
    void a_lower_limit_names_what_it_would_have_added() throws Exception {
        JsonNode outcome = json("--rules=" + rules("{above: 53, clear: 50}"));

        assertThat(devices(outcome, "new")).containsExactly("room-7", "room-8");
        assertThat(outcome.get("gone").asInt()).isZero();
        assertThat(outcome.get("same").asInt()).isEqualTo(raised.size());
        JsonNode added = outcome.get("alerts").findParents("would").stream()
                .filter(alert -> alert.get("what").asText().equals("new"))
                .findFirst()
                .orElseThrow();
        assertThat(added.get("would").get("ruleVersion").asInt()).isEqualTo(1_000_007);
    }

    @Test
    void a_higher_limit_names_what_it_would_have_spared() throws Exception {
        String table = BacktestJob.run(task("--rules=" + rules("{above: 61, clear: 50}")));

        assertThat(table)
                .contains("would have", "From 2026-03-01T08:00:00Z to 2026-03-01T10:00:00Z: 14 same, 0 new, 2 gone.");
        assertThat(table.lines().filter(line -> line.startsWith("gone")))
                .hasSize(2)
                .allMatch(line -> line.contains("senml-room/heat") && line.endsWith("critical v3"));
    }

    @Test
    void what_no_reading_tells_is_counted_apart() throws Exception {
        Alert silence = alert("room-1", "senml-room/silence", FROM_MS + 1_000, AlertKind.TROUBLE, 2);
        Alert unknown = alert("nobody", "senml-room/heat", FROM_MS + 1_000, AlertKind.ALARM, 2);
        Given.archived(database, List.of(), List.of(silence, unknown));

        JsonNode outcome = json();

        assertThat(outcome.get("notTold").asInt()).isEqualTo(2);
        assertThat(outcome.get("gone").asInt()).isZero();
    }

    @Test
    void a_span_without_readings_a_wrong_rule_set_and_a_database_that_is_away_are_each_said() throws Exception {
        assertThatThrownBy(() -> BacktestJob.run(task("--from=2020-01-01T00:00:00Z", "--to=2020-01-02T00:00:00Z")))
                .hasMessage("no readings are archived from 2020-01-01T00:00:00Z to 2020-01-02T00:00:00Z");
        Path wrong = Files.writeString(folder.resolve("wrong.yaml"), """
                id: cold
                version: 3
                changes:
                  - {rule: senml-room/heat, when: {above: high}}
                """);
        assertThatThrownBy(() -> BacktestJob.run(task("--rules=" + wrong)))
                .hasMessageContainingAll(wrong.toString(), "/version", "/changes/0/when");
        Path misfit = Files.writeString(folder.resolve("misfit.yaml"), """
                id: cold
                version: 1000003
                changes:
                  - {rule: senml-room/heat, enabled: false}
                  - {rule: senml-room/nothing, on-delay: 3s}
                """);
        assertThatThrownBy(() -> BacktestJob.run(task("--rules=" + misfit)))
                .hasMessageContainingAll("/changes/0/enabled", "/changes/1/rule: there is no rule");
        assertThatThrownBy(() -> BacktestJob.run(task("--database.url=jdbc:postgresql://127.0.0.1:1/tocsin")))
                .hasMessageContainingAll("the archive", "127.0.0.1:1/tocsin", "cannot be read");
        assertThatThrownBy(() -> task("--from=yesterday", "--to=today", "--warm-up-s=-1"))
                .hasMessageContainingAll("--from = 'yesterday'", "--to = 'today'", "--warm-up-s");
    }

    /** Ten minutes of warmth in the second hour. */
    private void warmRoom(String device, double warmest) throws Exception {
        List<Reading> course = new ArrayList<>();
        for (int s = 3; s < MINUTES * 60; s += 10) {
            boolean warm = s / 60 >= 70 && s / 60 < 80;
            course.add(reading(device, "temperature", warm ? warmest : 21, s));
        }
        room(device, course.toArray(new Reading[0]));
    }

    private void room(String device, Reading... course) {
        DeviceReadings all = DeviceReadings.of(device, ROOM.id(), false, sequence, List.of(course));
        spool(all);
        Map<String, RuleState> states = new HashMap<>();
        RuleStates kept = RuleStates.in(states);
        Judge.onReadings(ROOM, all, kept, this::raise);
        Judge.wake(ROOM, device, kept, FROM_MS + MINUTES * 60_000L, this::raise);
    }

    private void raise(Finding finding) {
        if (finding.raised()) {
            raised.add(alert(finding.device(), finding.rule(), finding.onsetMs(), finding.kind(), ROOM.version()));
        }
    }

    private void spool(DeviceReadings some) {
        readings.add(new SpooledReadings(GATEWAY, "epoch", some));
        sequence += some.count();
    }

    private static Reading reading(String device, String metric, double value, int second) {
        long atMs = FROM_MS + second * 1_000L;
        return new Reading(device, metric, value, atMs, atMs + 40, Quality.GOOD);
    }

    private static Alert alert(String device, String rule, long onsetMs, AlertKind kind, int version) {
        Instant onset = Instant.ofEpochMilli(onsetMs);
        return new Alert(
                Alert.idOf(rule, device, onsetMs),
                1,
                AlertState.ACTIVE,
                rule,
                version,
                kind,
                kind == AlertKind.PRE_ALARM ? Severity.MAJOR : Severity.CRITICAL,
                GATEWAY,
                device,
                new Place(new String[] {"district"}, "", null, null),
                "",
                0,
                "",
                onset,
                onset,
                null,
                false,
                false,
                new Evidence(null, new Evidence.Point[0]));
    }

    private Path rules(String heat) throws Exception {
        return Files.writeString(folder.resolve("rules.yaml"), """
                id: trial
                version: 1000007
                changes:
                  - {rule: senml-room/heat, when: %s}
                """.formatted(heat));
    }

    private JsonNode json(String... more) throws Exception {
        List<String> arguments = new ArrayList<>(List.of(more));
        arguments.add("--format=json");
        return new ObjectMapper().readTree(BacktestJob.run(task(arguments.toArray(new String[0]))));
    }

    private BacktestJob.Task task(String... more) {
        List<String> arguments = new ArrayList<>(List.of(
                "--from=" + FROM,
                "--to=" + FROM.plusSeconds(MINUTES * 60),
                "--site.from-broker=false",
                "--database.url=" + database.url(),
                "--database.user=" + database.user()));
        arguments.addAll(List.of(more));
        return BacktestJob.Task.read(new Settings(arguments.toArray(new String[0]), Map.of()));
    }

    private static List<String> devices(JsonNode outcome, String what) {
        List<String> devices = new ArrayList<>();
        for (JsonNode alert : outcome.get("alerts")) {
            if (alert.get("what").asText().equals(what)) {
                devices.add(alert.get("device").asText());
            }
        }
        return devices;
    }
}
