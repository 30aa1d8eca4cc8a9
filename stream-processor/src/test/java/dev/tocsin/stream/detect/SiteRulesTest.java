package dev.tocsin.stream.detect;

import static dev.tocsin.stream.detect.DetectUnderTest.NOW_MS;
import static dev.tocsin.stream.detect.DetectUnderTest.at;
import static dev.tocsin.stream.detect.DetectUnderTest.open;
import static dev.tocsin.stream.detect.DetectUnderTest.raise;
import static dev.tocsin.stream.detect.DetectUnderTest.read;
import static dev.tocsin.stream.detect.DetectUnderTest.rules;
import static dev.tocsin.stream.detect.DetectUnderTest.states;
import static dev.tocsin.stream.detect.DetectUnderTest.unopened;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tocsin.profiles.alert.AlertState;
import java.time.Instant;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.junit.jupiter.api.Test;

/** The cloud judges by what a site changed of its rules, from the moment that it is told. */
class SiteRulesTest {
    @Test
    void a_rule_set_changes_a_limit_at_once_and_the_alert_names_its_version() throws Exception {
        try (var harness = open(new Detect(at(NOW_MS)))) {
            read(harness, 45, NOW_MS);
            read(harness, 45, NOW_MS + 10_000);
            assertThat(harness.extractOutputValues()).isEmpty();

            harness.processBroadcastElement(rules("version: 1000001", "when: {above: 40}"), NOW_MS);
            read(harness, 45, NOW_MS + 20_000);
            read(harness, 45, NOW_MS + 30_000);

            assertThat(states(harness)).containsExactly(AlertState.ACTIVE);
            assertThat(harness.extractOutputValues().get(0).alert().ruleVersion())
                    .isEqualTo(1_000_001);
        }
    }

    @Test
    void a_rule_set_that_is_wrong_or_older_leaves_the_one_that_was_there_and_an_empty_message_ends_it()
            throws Exception {
        try (var harness = open(new Detect(at(NOW_MS)))) {
            harness.processBroadcastElement(rules("version: 1000002", "when: {above: 70}"), NOW_MS);
            harness.processBroadcastElement(rules("version: 1000003", "when: {above: warm}"), NOW_MS);
            harness.processBroadcastElement(rules("version: 1000001", "when: {above: 30}"), NOW_MS);
            raise(harness);
            assertThat(harness.extractOutputValues()).as("60 is below 70").isEmpty();

            harness.processBroadcastElement(rules(""), NOW_MS);
            read(harness, 60, NOW_MS + 20_000);
            read(harness, 60, NOW_MS + 30_000);
            assertThat(states(harness)).containsExactly(AlertState.ACTIVE);
            assertThat(harness.extractOutputValues().get(0).alert().ruleVersion())
                    .isEqualTo(1);
        }
    }

    @Test
    void what_a_rule_held_is_let_go_when_it_is_gone_whether_a_reading_comes_or_not() throws Exception {
        try (var harness = open(new Detect(at(NOW_MS)))) {
            harness.processBroadcastElement(rules("""
                            id: site
                            version: 1000001
                            scope: {devices: [hall-3]}
                            add:
                              - {id: warm, metric: temperature, unit: Cel, when: {above: 40}, kind: supervisory,
                                 severity: minor, name: {en: Warm, zh: Warm}}
                            """), NOW_MS);
            read(harness, 45, NOW_MS);
            assertThat(harness.extractOutputValues().get(0).alert().rule()).isEqualTo("site/warm");

            harness.processBroadcastElement(rules("id: site\nversion: 1000002"), NOW_MS);

            assertThat(states(harness)).containsExactly(AlertState.ACTIVE, AlertState.CLEARED);
            assertThat(harness.extractOutputValues().get(1).alert().id())
                    .isEqualTo(harness.extractOutputValues().get(0).alert().id());
        }
    }

    @Test
    void under_test_an_alert_is_a_drill() throws Exception {
        try (var harness = open(new Detect(at(NOW_MS)))) {
            harness.processBroadcastElement(
                    rules("version: 1000001", "test-until: " + Instant.ofEpochMilli(NOW_MS + 3_600_000)), NOW_MS);
            raise(harness);

            assertThat(harness.extractOutputValues())
                    .extracting(claim -> claim.alert().drill())
                    .containsExactly(true);
        }
    }

    @Test
    void rule_sets_outlive_a_restart() throws Exception {
        OperatorSubtaskState saved;
        try (var harness = open(new Detect(at(NOW_MS)))) {
            harness.processBroadcastElement(rules("version: 1000001", "when: {above: 40}"), NOW_MS);
            saved = harness.snapshot(1, NOW_MS);
        }
        try (var harness = unopened(new Detect(at(NOW_MS)))) {
            harness.initializeState(saved);
            harness.open();
            read(harness, 45, NOW_MS);
            read(harness, 45, NOW_MS + 10_000);

            assertThat(states(harness)).containsExactly(AlertState.ACTIVE);
        }
    }

    @Test
    void a_backlog_is_judged_by_the_sites_rules_too() throws Exception {
        try (var harness = open(new DetectBacklog(at(NOW_MS)))) {
            harness.processBroadcastElement(rules("version: 1000001", "when: {above: 40}"), NOW_MS);
            read(harness, 45, NOW_MS - 600_000);
            read(harness, 45, NOW_MS - 500_000);
            read(harness, 20, NOW_MS - 490_000);
            read(harness, 20, NOW_MS - 450_000);

            assertThat(states(harness)).containsExactly(AlertState.CLEARED);
            assertThat(harness.extractOutputValues().get(0).alert().ruleVersion())
                    .isEqualTo(1_000_001);
        }
    }
}
