package dev.tocsin.agent.judge;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tocsin.profiles.alert.Alert;
import dev.tocsin.profiles.alert.AlertState;
import dev.tocsin.profiles.reading.Reading;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is judged on the way into the spool, over kills, and of devices that nobody enrolled. */
class EdgeJudgeTest {
    @TempDir
    Path folder;

    private JudgedGateway gateway;

    @BeforeEach
    void open() {
        gateway = new JudgedGateway(folder);
    }

    @AfterEach
    void close() {
        gateway.close();
    }

    @Test
    void aDrillNeitherHidesNorClearsTheRealAlarm() {
        gateway.smoke(1, true, gateway.nowMs - 1_000);
        gateway.smoke(1, false, gateway.nowMs);
        assertThat(gateway.alerts()).extracting(Alert::drill).containsExactly(true, false);
        gateway.smoke(0, true, gateway.nowMs + 1_000);
        assertThat(gateway.alerts()).hasSize(3);
        assertThat(gateway.alerts().get(2).drill()).isTrue();
        assertThat(gateway.alerts().get(2).state()).isEqualTo(AlertState.CLEARED);
        assertThat(gateway.judge.openAlerts()).isEqualTo(1);
    }

    @Test
    void aRecordingOfTheYear2100MakesNoRuleDeaf() {
        gateway.smoke(0, true, Instant.parse("2100-01-01T00:00:00Z").toEpochMilli());
        gateway.smoke(1, false, gateway.nowMs);
        assertThat(gateway.alerts()).singleElement().extracting(Alert::drill).isEqualTo(false);
    }

    @Test
    void anAlarmOfADeviceThatIsNotEnrolledIsShownAtItsGatewaysPlaceAndItsReadingsAreNotKept() {
        List<Reading> smoke = List.of(
                gateway.reading("stranger", "smoke", 1, gateway.nowMs),
                gateway.reading("stranger", "battery", 1, gateway.nowMs));
        gateway.run(draft -> gateway.judge.onStranger(draft, gateway.profile("zigbee2mqtt-smoke"), "stranger", smoke));
        assertThat(gateway.alerts()).singleElement().satisfies(alert -> {
            assertThat(alert.rule()).isEqualTo("zigbee2mqtt-smoke/smoke");
            assertThat(alert.device()).isEqualTo("stranger");
            assertThat(alert.place().name()).isEqualTo("hall");
        });
        assertThat(gateway.spool.lastSequence()).isZero();
        gateway.tick();
        gateway.restart();
        gateway.tick();
        assertThat(gateway.judge.openAlerts())
                .as("it outlives a registry change and a restart")
                .isEqualTo(1);

        gateway.nowMs += 1_000;
        gateway.strangerSays("zigbee2mqtt-smoke", "smoke", 0);
        assertThat(gateway.judge.openAlerts()).isZero();
    }

    @Test
    void anAlarmOfAStrangerThatSaysNothingMoreIsOverAfterADay() {
        gateway.strangerSays("zigbee2mqtt-smoke", "smoke", 1);
        gateway.tick();
        gateway.nowMs += Duration.ofHours(25).toMillis();
        gateway.tick();
        assertThat(gateway.alerts()).extracting(Alert::state).containsExactly(AlertState.ACTIVE, AlertState.CLEARED);
    }

    @Test
    void whatADeviceLeftOpenIsClearedWhenItIsNoLongerEnrolledOrOfAnotherKind() {
        gateway.smoke(1, false, gateway.nowMs);
        gateway.tick();
        assertThat(gateway.judge.openAlerts()).isEqualTo(1);
        gateway.enrol("kitchen", "zigbee2mqtt-climate");
        gateway.tick();
        assertThat(gateway.judge.openAlerts()).isZero();

        gateway.enrol("kitchen", "zigbee2mqtt-smoke");
        gateway.nowMs += 1_000;
        gateway.smoke(1, false, gateway.nowMs);
        assertThat(gateway.judge.openAlerts()).as("the rule began anew").isEqualTo(1);
        gateway.enrol(List.of());
        gateway.tick();
        assertThat(gateway.judge.openAlerts()).isZero();
    }

    @Test
    void aDelayThatRanAtAKillGoesOn() {
        gateway.enrolOven();
        gateway.oven(80);
        gateway.nowMs += 4_000;
        gateway.restart();
        gateway.tick();
        assertThat(gateway.alerts()).isEmpty();
        gateway.nowMs += 7_000;
        gateway.tick();
        assertThat(gateway.alerts())
                .singleElement()
                .satisfies(alert -> assertThat(alert.onset()).isEqualTo(Instant.ofEpochMilli(gateway.nowMs - 11_000)));
    }

    @Test
    void recordsThatCannotBeReadAreDroppedAndCounted() {
        gateway.run(draft -> {
            draft.keep(EdgeJudge.KIND_ALERT, "a\nb", new byte[] {1});
            draft.keep(EdgeJudge.KIND_STATE, "a\nb", new byte[] {2});
            draft.keep(EdgeJudge.KIND_STATE, "c", new byte[] {2});
            draft.keep(EdgeJudge.KIND_HEARD, "d", new byte[] {3});
        });
        gateway.restart();
        assertThat(gateway.judge.unreadableRecords()).isEqualTo(4);
        gateway.tick();
        gateway.restart();
        assertThat(gateway.judge.unreadableRecords()).isZero();
    }

    @Test
    void aSpikeThatIsSentAgainIsNotConfirmedByThat() {
        gateway.enrol("room", "senml-room");
        for (double value : new double[] {20, 400, 400}) {
            long atMs = gateway.nowMs - 10_000 + (long) value;
            gateway.says("room", "senml-room", false, gateway.reading("room", "temperature", value, atMs));
        }
        assertThat(gateway.alerts()).isEmpty();
        assertThat(gateway.spool.lastSequence()).as("the re-send is absorbed").isEqualTo(2);
    }
}
