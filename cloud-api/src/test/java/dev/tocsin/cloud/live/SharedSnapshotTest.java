package dev.tocsin.cloud.live;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tocsin.cloud.database.Database;
import dev.tocsin.cloud.devices.Registry;
import dev.tocsin.cloud.login.Audit;
import dev.tocsin.cloud.rules.RuleBook;
import dev.tocsin.profiles.alert.Alert;
import dev.tocsin.profiles.alert.AlertKind;
import dev.tocsin.profiles.alert.AlertState;
import dev.tocsin.profiles.alert.Evidence;
import dev.tocsin.profiles.alert.Place;
import dev.tocsin.profiles.alert.Severity;
import dev.tocsin.profiles.profile.ProfileCatalog;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is held, bounded in a snapshot and kept in a journal; without a server behind the database. */
class SharedSnapshotTest {
    private static final Instant NOW = Instant.parse("2026-03-02T10:00:00Z");
    private static final long MAX_BYTES = 64 * 1024;

    private final Clock clock = Clock.fixed(NOW, ZoneOffset.UTC);
    private Database database;
    private AlertNames names;
    private LiveAlerts alerts;

    @TempDir
    private Path folder;

    @BeforeEach
    void start() throws Exception {
        database = new Database("jdbc:postgresql://127.0.0.1:9/none", "none", "", clock);
        Registry registry = new Registry(database, ProfileCatalog.builtIn(), clock);
        names = new AlertNames(registry, new RuleBook(database, registry, new Audit(clock), clock));
        alerts = new LiveAlerts(names, entry -> {});
    }

    @AfterEach
    void stop() {
        database.close();
    }

    @Test
    void aFloodIsCutToWhatAClientsQueueTakesAndTheWorstOfItIsThere() {
        for (int i = 0; i < 500; i++) {
            alerts.apply(alert("minor-" + i, Severity.MINOR), NOW);
        }
        alerts.apply(alert("the-fire", Severity.CRITICAL), NOW.minusSeconds(60));
        SharedSnapshot snapshot = new SharedSnapshot(() -> Map.of(), clock, MAX_BYTES);

        String frame = snapshot.frame(7, true, alerts);

        assertThat(frame.getBytes(StandardCharsets.UTF_8).length).isLessThan((int) MAX_BYTES + 10_000);
        assertThat(frame).contains("the-fire").doesNotContain("\"omitted\":0,");
        assertThat(snapshot.frame(7, true, alerts)).as("shared").isSameAs(frame);
        assertThat(snapshot.frame(8, true, alerts)).as("newer").isNotSameAs(frame);
    }

    @Test
    void theJournalGivesBackTheNewestOfEachAndALineThatWasTornCostsOnlyItself() throws Exception {
        AlertJournal journal = new AlertJournal(folder, new SimpleMeterRegistry());
        LiveAlerts kept = new LiveAlerts(names, journal::changed);
        journal.start(kept);
        Alert first = alert("a", Severity.MINOR);
        List<String> safe = new ArrayList<>();
        kept.apply(first, NOW);
        journal.whenSafe(() -> safe.add(read(folder)));
        kept.acknowledged("a", new Acknowledgement(3, new Acknowledged("li", "Li", NOW, 1), Severity.MINOR, false));
        kept.apply(alert("b", Severity.MAJOR), NOW);
        journal.close();
        assertThat(safe).singleElement().asString().contains("\"id\":\"a\"");
        Path file = folder.resolve("alerts.journal");
        Files.write(file, new byte[] {'{', (byte) 0xff, '"'}, java.nio.file.StandardOpenOption.APPEND);

        AlertJournal again = new AlertJournal(folder, new SimpleMeterRegistry());
        again.start(alerts);
        again.close();

        assertThat(alerts.openMostUrgentFirst())
                .extracting(entry -> entry.alert().id())
                .containsExactly("b", "a");
        Acknowledged acknowledged = alerts.openMostUrgentFirst().get(1).view().acknowledged();
        assertThat(acknowledged).isEqualTo(new Acknowledged("li", "Li", NOW, 1));
        assertThat(Files.readAllLines(file)).as("written anew").hasSize(2);
    }

    private static String read(Path folder) {
        try {
            return Files.readString(folder.resolve("alerts.journal"));
        } catch (java.io.IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private static Alert alert(String id, Severity severity) {
        return new Alert(
                id,
                1,
                AlertState.ACTIVE,
                "some-profile/hot",
                1,
                AlertKind.ALARM,
                severity,
                "gateway-1",
                "hall-3",
                new Place(new String[] {"district"}, "三楼", 30.51, 114.31),
                "temperature",
                71,
                "Cel",
                NOW,
                NOW,
                null,
                false,
                false,
                new Evidence(57.0, new Evidence.Point[0]));
    }
}
