package dev.tocsin.stream.archive;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tocsin.profiles.alert.Alert;
import dev.tocsin.profiles.alert.AlertJson;
import dev.tocsin.profiles.alert.AlertState;
import dev.tocsin.profiles.reading.Rejected;
import dev.tocsin.stream.store.Database;
import dev.tocsin.stream.store.Rows;
import dev.tocsin.stream.store.TestServer;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
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
        try (RejectedArchive archive = new RejectedArchive(database, Duration.ZERO, metrics, Clock.systemUTC())) {
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

    @Test
    void rejectedInputOlderThanTheRetentionIsDeletedWhenNewIsWritten() throws Exception {
        Instant now = Instant.parse("2026-01-31T00:00:00Z");
        Clock clock = Clock.fixed(now, ZoneOffset.UTC);
        for (Duration retention : List.of(Duration.ZERO, Duration.ofDays(30))) {
            try (RejectedArchive archive = new RejectedArchive(database, retention, metrics, clock)) {
                archive.add(Given.rejected("old", null, now.minus(Duration.ofDays(31))));
                archive.add(Given.rejected("young", null, now.minus(Duration.ofDays(29))));
                archive.write();
            }
            assertThat(Rows.of(database, "select id from sensing.rejected order by id"))
                    .containsExactlyElementsOf(
                            retention.isZero() ? List.of(List.of("old"), List.of("young")) : List.of(List.of("young")));
        }
    }

    @Test
    void rejectedInputCountsByItsBytes() {
        try (RejectedArchive archive = new RejectedArchive(database, Duration.ZERO, metrics, Clock.systemUTC())) {
            assertThat(archive.rows(Given.rejected("small", null, Instant.EPOCH)))
                    .isOne();
            Rejected large =
                    new Rejected("l", "g", "s", null, Rejected.Reason.BAD_BATCH, "", new byte[10 << 20], Instant.EPOCH);
            assertThat(archive.rows(large)).isGreaterThan(ArchiveSettings.DEFAULT.otherRows());
        }
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
