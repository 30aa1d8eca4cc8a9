package dev.tocsin.stream.archive;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tocsin.profiles.alert.Alert;
import dev.tocsin.profiles.alert.AlertJson;
import dev.tocsin.profiles.alert.AlertState;
import dev.tocsin.stream.store.Database;
import dev.tocsin.stream.store.Rows;
import dev.tocsin.stream.store.TestServer;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class AlertArchiveTest {
    private final ArchiveMetrics metrics = Given.metrics();
    private Database database;

    @BeforeEach
    void migrated() throws Exception {
        database = TestServer.PLAIN.migrated();
    }

    @Test
    void aHigherRevisionReplacesAndALowerOneIsIgnored() throws Exception {
        Alert raised = Given.alert("a-1", 10);
        Alert cleared = Given.cleared(raised, 20);
        write(raised);
        write(cleared, raised);
        write(raised);

        assertThat(Rows.of(database, "select id, revision, state, area, cleared is not null from sensing.alert"))
                .containsExactly(List.of("a-1", 20L, "CLEARED", "town-1", true));
        assertThat(metrics.alreadyHeld()).isEqualTo(2);
    }

    @Test
    void theBodyIsTheAlertAsItWasPublished() throws Exception {
        Alert raised = Given.alert("a-1", 10);
        write(raised);

        String body = (String)
                Rows.of(database, "select body::text from sensing.alert").get(0).get(0);
        assertThat(AlertJson.write(AlertJson.read(body.getBytes(StandardCharsets.UTF_8))))
                .isEqualTo(AlertJson.write(raised));
    }

    @Test
    void anAlertThatTheStoreRefusesBecomesRejectedAndTheOthersAreStored() throws Exception {
        Alert[] alerts = new Alert[20];
        for (int i = 0; i < alerts.length; i++) {
            alerts[i] = Given.alert(i == 13 ? "a-\u0000" : "a-" + i, 10);
        }
        write(alerts);

        assertThat(Rows.number(
                        database, "select count(*) from sensing.alert where state = ?", AlertState.ACTIVE.name()))
                .isEqualTo(19);
        assertThat(Rows.of(database, "select gateway, device, reason from sensing.rejected"))
                .containsExactly(List.of("gw-1", "dev-1", "INDIGESTIBLE"));
    }

    @Test
    void rejectedInputIsKeptOnceAnIdHoweverOddItsFields() throws Exception {
        var odd = Given.rejected("id\u0000" + "x".repeat(20_000), "de\ud800vice", Instant.MAX);
        var plain = Given.rejected("id-2", null, Instant.EPOCH);
        try (RejectedArchive archive = new RejectedArchive(database, metrics)) {
            for (int round = 0; round < 2; round++) {
                archive.add(odd);
                archive.add(plain);
                archive.add(plain);
                archive.write();
            }
        }

        assertThat(Rows.of(database, "select reason, convert_from(raw, 'UTF8') from sensing.rejected"))
                .containsExactly(List.of("MALFORMED", "raw"), List.of("MALFORMED", "raw"));
    }

    private void write(Alert... alerts) throws InterruptedException {
        try (AlertArchive archive = new AlertArchive(database, metrics, Clock.systemUTC())) {
            for (Alert alert : alerts) {
                archive.add(alert);
            }
            archive.write();
        }
    }
}
