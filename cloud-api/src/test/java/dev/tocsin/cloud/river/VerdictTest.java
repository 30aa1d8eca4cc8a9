package dev.tocsin.cloud.river;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tocsin.cloud.river.River.Health;
import dev.tocsin.profiles.desired.GatewayStatus;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

class VerdictTest {
    private static final Instant NOW = Instant.parse("2026-03-02T10:00:00Z");
    private static final Instant LONG_AGO = NOW.minusSeconds(600);

    @Test
    void allIsWellWhileThePulseTravels() {
        River river = river(true, true, true, 3, 4);

        assertThat(river.parts()).allMatch(part -> part.state() == Health.OK);
        assertThat(river.state()).isEqualTo(River.State.OK);
    }

    @Test
    void aGatewayThatIsOnlineWithoutAPulseMeansThatTheAlarmJobIsDead() {
        River river = river(true, true, true, 16, 4);

        assertThat(river.state()).isEqualTo(River.State.DEAD);
        assertThat(health(river, "alarmJob")).isEqualTo(Health.DEAD);
        assertThat(health(river, "agent")).isEqualTo(Health.OK);
        assertThat(health(river, "archiveJob")).isEqualTo(Health.OK);
    }

    @Test
    void theVerdictComesEarlyEnoughToBeOnTheScreenWithin15Seconds() {
        assertThat(health(river(true, true, true, 13, 4), "alarmJob")).isEqualTo(Health.DEAD);
    }

    @Test
    void aPulseThatIsLateIsSaidBeforeItIsDead() {
        River river = river(true, true, true, 10, 4);

        assertThat(river.state()).isEqualTo(River.State.DEGRADED);
        assertThat(health(river, "alarmJob")).isEqualTo(Health.LATE);
    }

    @Test
    void theLastWillSpeaksForTheAgentAndHidesTheJobs() {
        River river = river(true, true, false, 20, 60);

        assertThat(health(river, "agent")).isEqualTo(Health.DEAD);
        assertThat(health(river, "alarmJob")).isEqualTo(Health.UNKNOWN);
        assertThat(health(river, "archiveJob")).isEqualTo(Health.UNKNOWN);
        assertThat(river.state()).isEqualTo(River.State.DEAD);
    }

    @Test
    void withoutTheBrokerEverythingBehindItIsUnknown() {
        River river = river(false, true, true, 2, 2);

        assertThat(health(river, "broker")).isEqualTo(Health.DEAD);
        assertThat(health(river, "agent")).isEqualTo(Health.UNKNOWN);
        assertThat(river.state()).isEqualTo(River.State.DEAD);
    }

    @Test
    void anArchiveThatStoresNothingIsDeadWhileAlarmsStillFlow() {
        River river = river(true, true, true, 2, 50);

        assertThat(health(river, "archiveJob")).isEqualTo(Health.DEAD);
        assertThat(river.state()).isEqualTo(River.State.DEGRADED);
    }

    @Test
    void withoutTheDatabaseTheArchiveIsUnknown() {
        River river = river(true, false, true, 2, 50);

        assertThat(health(river, "database")).isEqualTo(Health.DEAD);
        assertThat(health(river, "archiveJob")).isEqualTo(Health.UNKNOWN);
        assertThat(river.state()).isEqualTo(River.State.DEGRADED);
    }

    private static River river(boolean broker, boolean database, boolean online, long pulseAgeS, long archivedAgeS) {
        GatewayStatus status = new GatewayStatus("g", online, LONG_AGO, "1", "e", 1, true);
        return Verdict.of(new Evidence(
                NOW,
                LONG_AGO,
                broker,
                NOW,
                database,
                NOW,
                new TreeSet<>(List.of("g")),
                Map.of("g", status),
                Map.of("g", NOW.minusSeconds(pulseAgeS)),
                NOW.minusSeconds(archivedAgeS)));
    }

    private static Health health(River river, String part) {
        return river.parts().stream()
                .filter(one -> one.part().equals(part))
                .findFirst()
                .orElseThrow()
                .state();
    }
}
