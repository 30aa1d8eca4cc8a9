package dev.tocsin.agent.judge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tocsin.profiles.alert.Alert;
import dev.tocsin.profiles.alert.AlertState;
import dev.tocsin.profiles.wire.Topics;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The rules that a site changed or added are those that its agents judge by. */
class SiteRulesTest {
    private static final String WARM = """
            add:
              - id: warm
                metric: temperature
                unit: Cel
                when: {above: 30}
                on-delay: 10s
                kind: alarm
                severity: major
                name: {en: Warm, zh: Warm}
            """;

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

    private boolean rules(String set) {
        return gateway.registry.apply(Topics.stateOfRules("site"), set.getBytes(StandardCharsets.UTF_8));
    }

    private boolean rules(int version, String rest) {
        return rules("id: site\nversion: " + version + "\n" + rest);
    }

    @Test
    void aLimitOfTheSiteIsJudgedByAndTheAlertNamesTheRuleSet() {
        gateway.enrolOven();
        rules(1_000_004, "changes: [{rule: slow/hot, when: {above: 40}, on-delay: 0s}]");
        gateway.oven(45);
        assertThat(gateway.alerts()).singleElement().satisfies(alert -> {
            assertThat(alert.rule()).isEqualTo("slow/hot");
            assertThat(alert.ruleVersion()).isEqualTo(1_000_004);
            assertThat(alert.evidence().limit()).isEqualTo(40);
        });
    }

    @Test
    void aDelayOfARuleOfTheSitesOwnGoesOnAfterAKillAndWhatItRaisedIsLetGoWhenTheRuleEnds() {
        gateway.enrolOven();
        rules(1_000_000, WARM);
        gateway.oven(35);
        gateway.nowMs += 4_000;
        gateway.restart();
        gateway.nowMs += 7_000;
        gateway.tick();
        assertThat(gateway.alerts()).singleElement().satisfies(alert -> {
            assertThat(alert.rule()).isEqualTo("site/warm");
            assertThat(alert.onset()).isEqualTo(Instant.ofEpochMilli(gateway.nowMs - 11_000));
        });
        gateway.restart();
        gateway.tick();
        assertThat(gateway.judge.openAlerts()).as("a restart ends nothing").isEqualTo(1);

        rules(1_000_001, "");
        gateway.tick();
        assertThat(gateway.alerts()).hasSize(2);
        assertThat(gateway.alerts().get(1).state()).isEqualTo(AlertState.CLEARED);
        assertThat(gateway.alerts().get(1).id())
                .isEqualTo(gateway.alerts().get(0).id());
        assertThat(gateway.alerts().get(1).value()).isEqualTo(35);
        assertThat(gateway.spool.kept(EdgeJudge.KIND_STATE)).isEmpty();
    }

    @Test
    void aRuleOfTheSitesOwnIsRememberedForADeviceThatIsNotEnrolled() {
        gateway.learnSlow();
        rules(1_000_000, WARM);
        gateway.strangerSays("slow", "temperature", 35);
        gateway.nowMs += 4_000;
        gateway.restart();
        gateway.tick();
        gateway.nowMs += 7_000;
        gateway.tick();
        assertThat(gateway.alerts()).singleElement().extracting(Alert::rule).isEqualTo("site/warm");
    }

    @Test
    void aDelayOfARuleThatWasTakenAwayDoesNotEndWhenTheRuleComesBack() {
        gateway.enrolOven();
        rules(1_000_000, WARM);
        gateway.oven(35);
        rules("");
        gateway.tick();
        gateway.nowMs += 60_000;
        rules(1_000_002, WARM);
        gateway.oven(35);
        gateway.tick();
        assertThat(gateway.alerts()).isEmpty();
        gateway.nowMs += 11_000;
        gateway.tick();
        assertThat(gateway.alerts())
                .singleElement()
                .satisfies(alert -> assertThat(alert.onset()).isEqualTo(Instant.ofEpochMilli(gateway.nowMs - 11_000)));
    }

    @Test
    void whatIsRaisedUnderTestIsADrillAndIsClearedByTheDeviceAfterARestartToo() {
        rules(
                1_000_000,
                "changes: [{rule: zigbee2mqtt-smoke/smoke, test-until: '" + Instant.ofEpochMilli(gateway.nowMs + 60_000)
                        + "'}]");
        gateway.smoke(1, false, gateway.nowMs);
        assertThat(gateway.alerts()).singleElement().extracting(Alert::drill).isEqualTo(true);
        gateway.restart();
        gateway.smoke(0, false, gateway.nowMs + 1_000);
        assertThat(gateway.alerts()).extracting(Alert::state).containsExactly(AlertState.ACTIVE, AlertState.CLEARED);
        assertThat(gateway.judge.openAlerts()).isZero();
    }

    @Test
    void aShelvedAlarmIsLetGoWithItsNextReadingAndRaisedAnewWhenTheShelvingIsOver() {
        gateway.smoke(1, false, gateway.nowMs);
        rules(
                1_000_000,
                "changes: [{rule: '*/smoke', shelved-until: '" + Instant.ofEpochMilli(gateway.nowMs + 60_000)
                        + "', reason: roof works}]");
        gateway.nowMs += 1_000;
        gateway.smoke(1, false, gateway.nowMs);
        assertThat(gateway.judge.openAlerts()).isZero();
        gateway.nowMs += 60_000;
        gateway.smoke(1, false, gateway.nowMs);
        assertThat(gateway.judge.openAlerts()).isEqualTo(1);
    }

    @Test
    void aRuleSetThatIsWrongIsRefusedWithTheReasonAndTheFormerStays() {
        gateway.enrolOven();
        rules(1_000_004, "changes: [{rule: slow/hot, when: {above: 40}, on-delay: 0s}]");
        assertThatThrownBy(() -> rules(1_000_005, "changes: [{rule: slow/hot, when: {above: warm}}]"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("/changes/0/when/above: is not a number");
        assertThatThrownBy(() -> rules(1_000_003, "")).hasMessageContaining("older than 1000004");
        assertThat(gateway.registry.ruleSets()).containsExactly(Map.entry("site", 1_000_004));
        gateway.oven(45);
        assertThat(gateway.alerts()).hasSize(1);
    }
}
