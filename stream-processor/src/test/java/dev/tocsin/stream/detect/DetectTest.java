package dev.tocsin.stream.detect;

import static dev.tocsin.stream.detect.DetectUnderTest.NOW_MS;
import static dev.tocsin.stream.detect.DetectUnderTest.PROFILE;
import static dev.tocsin.stream.detect.DetectUnderTest.at;
import static dev.tocsin.stream.detect.DetectUnderTest.open;
import static dev.tocsin.stream.detect.DetectUnderTest.placed;
import static dev.tocsin.stream.detect.DetectUnderTest.profile;
import static dev.tocsin.stream.detect.DetectUnderTest.pulse;
import static dev.tocsin.stream.detect.DetectUnderTest.raise;
import static dev.tocsin.stream.detect.DetectUnderTest.read;
import static dev.tocsin.stream.detect.DetectUnderTest.stateEntries;
import static dev.tocsin.stream.detect.DetectUnderTest.states;
import static dev.tocsin.stream.detect.DetectUnderTest.unopened;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tocsin.profiles.alert.AlertState;
import dev.tocsin.stream.ingest.PlacedReadings;
import dev.tocsin.stream.life.Claim;
import java.time.Instant;
import java.util.Random;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.junit.jupiter.api.Test;

class DetectTest {
    private static final String ODD = """
              - id: odd
                metric: temperature
                when: {unusual: 0.75}
                off-delay: 30m
                kind: supervisory
                severity: info
                name: {en: Odd, zh: Odd}
            """;

    @Test
    void a_delay_that_runs_out_while_no_reading_comes_ends_when_the_gateways_pulse_has_passed_it() throws Exception {
        try (var harness = open(new Detect(at(NOW_MS)))) {
            read(harness, 60, NOW_MS);
            pulse(harness, NOW_MS + 9_000);
            harness.setProcessingTime(NOW_MS + 14_000);
            assertThat(harness.extractOutputValues()).isEmpty();

            pulse(harness, NOW_MS + 14_000);
            harness.setProcessingTime(NOW_MS + 16_000);
            assertThat(states(harness)).containsExactly(AlertState.ACTIVE);
            assertThat(harness.extractOutputValues().get(0).alert().updated())
                    .isEqualTo(Instant.ofEpochMilli(NOW_MS + 10_000));

            read(harness, 20, NOW_MS + 17_000);
            pulse(harness, NOW_MS + 49_000);
            harness.setProcessingTime(NOW_MS + 50_000);
            assertThat(states(harness)).containsExactly(AlertState.ACTIVE, AlertState.CLEARED);
        }
    }

    @Test
    void a_gateway_that_is_cut_off_ends_no_delay() throws Exception {
        try (var harness = open(new Detect(at(NOW_MS)))) {
            pulse(harness, NOW_MS);
            read(harness, 60, NOW_MS);
            harness.setProcessingTime(NOW_MS + 3_600_000);

            assertThat(harness.extractOutputValues()).isEmpty();
            assertThat(harness.numProcessingTimeTimers())
                    .as("looks again and again, one timer at a time")
                    .isEqualTo(2);
        }
    }

    @Test
    void a_gateway_whose_clock_is_slow_ends_its_delays_by_that_clock() throws Exception {
        long slow = NOW_MS - 600_000;
        try (var harness = open(new Detect(at(NOW_MS)))) {
            read(harness, 60, slow);
            pulse(harness, slow + 5_000);
            harness.setProcessingTime(NOW_MS + 9_000);
            assertThat(harness.extractOutputValues()).isEmpty();

            pulse(harness, slow + 10_000);
            harness.setProcessingTime(NOW_MS + 13_000);
            assertThat(states(harness)).containsExactly(AlertState.ACTIVE);
        }
    }

    @Test
    void readings_of_a_profile_that_nobody_has_are_counted_only() throws Exception {
        try (var harness = open(new Detect(at(NOW_MS)))) {
            harness.processElement(placed("nobody", 60, NOW_MS, false), NOW_MS);

            assertThat(harness.extractOutputValues()).isEmpty();
            assertThat(stateEntries(harness)).isZero();
        }
    }

    @Test
    void a_profile_that_is_wrong_leaves_the_one_that_was_there() throws Exception {
        try (var harness = open(new Detect(at(NOW_MS)))) {
            harness.processBroadcastElement(profile("id: ["), NOW_MS);
            raise(harness);

            assertThat(states(harness)).containsExactly(AlertState.ACTIVE);
        }
    }

    @Test
    void what_a_rule_holds_that_the_profile_has_no_longer_is_let_go() throws Exception {
        try (var harness = open(new Detect(at(NOW_MS)))) {
            raise(harness);
            harness.processBroadcastElement(
                    profile(PROFILE.replace("version: 1", "version: 2").replace("id: hot", "id: hotter")), NOW_MS);
            read(harness, 61, NOW_MS + 11_000);

            assertThat(states(harness)).containsExactly(AlertState.ACTIVE, AlertState.CLEARED);
            assertThat(harness.extractOutputValues().get(1).alert().rule()).isEqualTo("test-heat/hot");
        }
    }

    @Test
    void a_device_that_departs_lets_go_of_everything_and_leaves_no_state() throws Exception {
        try (var harness = open(new Detect(at(NOW_MS)))) {
            raise(harness);
            harness.processElement(PlacedReadings.departure("gw-2", "hall-3", NOW_MS), NOW_MS);
            assertThat(states(harness)).as("it moved here from gw-2").containsExactly(AlertState.ACTIVE);

            harness.processElement(PlacedReadings.departure("gw-1", "hall-3", NOW_MS), NOW_MS);

            assertThat(states(harness)).containsExactly(AlertState.ACTIVE, AlertState.CLEARED);
            assertThat(stateEntries(harness)).isZero();
            assertThat(harness.numProcessingTimeTimers()).isZero();
        }
    }

    @Test
    void a_device_that_departs_while_a_delay_and_a_recording_run_leaves_no_timer() throws Exception {
        try (var harness = open(new Detect(at(NOW_MS)))) {
            read(harness, 60, NOW_MS);
            harness.processElement(placed("test-heat", 60, NOW_MS, true), NOW_MS);
            assertThat(harness.numProcessingTimeTimers()).isEqualTo(3);

            harness.processElement(PlacedReadings.departure("gw-1", "hall-3", NOW_MS), NOW_MS);

            assertThat(stateEntries(harness)).isZero();
            assertThat(harness.numProcessingTimeTimers()).isZero();
        }
    }

    @Test
    void a_device_is_not_forgotten_for_the_time_that_the_job_itself_was_away() throws Exception {
        OperatorSubtaskState saved;
        try (var harness = open(new Detect(at(NOW_MS)))) {
            raise(harness);
            saved = harness.snapshot(1, NOW_MS);
        }
        long backMs = NOW_MS + 2 * Detect.FORGET_AFTER_MS;
        try (var harness = unopened(new Detect(at(backMs)))) {
            harness.initializeState(saved);
            harness.open();
            harness.setProcessingTime(backMs);
            assertThat(harness.extractOutputValues()).isEmpty();

            harness.setProcessingTime(backMs + Detect.FORGET_AFTER_MS + 20_000);
            assertThat(states(harness)).containsExactly(AlertState.CLEARED);
            assertThat(stateEntries(harness)).isZero();
            assertThat(harness.numProcessingTimeTimers()).isZero();
        }
    }

    @Test
    void a_device_that_is_not_heard_for_long_leaves_no_state_and_no_timer() throws Exception {
        try (var harness = open(new Detect(at(NOW_MS)))) {
            raise(harness);
            harness.setProcessingTime(NOW_MS + Detect.FORGET_AFTER_MS + 20_000);

            assertThat(states(harness)).containsExactly(AlertState.ACTIVE, AlertState.CLEARED);
            assertThat(stateEntries(harness)).isZero();
            assertThat(harness.numProcessingTimeTimers()).isZero();
        }
    }

    @Test
    void a_recording_makes_the_real_device_neither_deaf_nor_quiet_and_ends_by_itself() throws Exception {
        try (var harness = open(new Detect(at(NOW_MS)))) {
            long future = NOW_MS + 365L * 86_400_000;
            harness.processElement(placed("test-heat", 60, future, true), NOW_MS);
            harness.processElement(placed("test-heat", 61, future + 10_000, true), NOW_MS);
            raise(harness);
            assertThat(harness.extractOutputValues())
                    .extracting(c -> c.alert().drill())
                    .containsExactly(true, false);

            harness.setProcessingTime(NOW_MS + Detect.RECORDING_OVER_MS + 1_000);

            assertThat(harness.extractOutputValues()).hasSize(3);
            Claim last = harness.extractOutputValues().get(2);
            assertThat(last.alert().state()).isEqualTo(AlertState.CLEARED);
            assertThat(last.alert().drill()).isTrue();
        }
    }

    @Test
    void a_backlog_tells_what_is_over_once_and_leaves_no_state() throws Exception {
        try (var harness = open(new DetectBacklog(at(NOW_MS)))) {
            read(harness, 60, NOW_MS - 600_000);
            read(harness, 61, NOW_MS - 500_000);
            read(harness, 20, NOW_MS - 490_000);
            read(harness, 20, NOW_MS - 450_000);
            assertThat(states(harness)).as("raised and cleared").containsExactly(AlertState.CLEARED);
            read(harness, 60, NOW_MS - 400_000);
            read(harness, 61, NOW_MS - 300_000);
            assertThat(harness.extractOutputValues()).as("not over yet").hasSize(1);

            harness.setProcessingTime(NOW_MS + DetectBacklog.QUIET_MS);

            assertThat(states(harness)).containsExactly(AlertState.CLEARED, AlertState.CLEARED);
            assertThat(harness.extractOutputValues()).extracting(Claim::holder).containsOnly(Claim.Holder.BACKLOG);
            assertThat(harness.extractOutputValues().get(1).alert().cleared())
                    .isEqualTo(Instant.ofEpochMilli(NOW_MS - 300_000));
            assertThat(stateEntries(harness)).isZero();
            assertThat(harness.numProcessingTimeTimers()).isZero();
        }
    }

    @Test
    void a_backlog_is_quiet_only_when_nothing_came_for_the_whole_time() throws Exception {
        try (var harness = open(new DetectBacklog(at(NOW_MS)))) {
            read(harness, 60, NOW_MS - 600_000);
            harness.setProcessingTime(NOW_MS + DetectBacklog.QUIET_MS - 1);
            read(harness, 61, NOW_MS - 500_000);
            harness.setProcessingTime(NOW_MS + DetectBacklog.QUIET_MS);
            assertThat(harness.extractOutputValues()).isEmpty();

            harness.setProcessingTime(NOW_MS + 2 * DetectBacklog.QUIET_MS);
            assertThat(harness.extractOutputValues()).hasSize(1);
        }
    }

    @Test
    void a_backlog_that_waited_for_the_job_is_heard_before_its_device_is_forgotten() throws Exception {
        OperatorSubtaskState saved;
        try (var harness = open(new DetectBacklog(at(NOW_MS)))) {
            read(harness, 60, NOW_MS - 600_000);
            read(harness, 61, NOW_MS - 500_000);
            saved = harness.snapshot(1, NOW_MS);
        }
        long backMs = NOW_MS + 10 * DetectBacklog.QUIET_MS;
        try (var harness = unopened(new DetectBacklog(at(backMs)))) {
            harness.initializeState(saved);
            harness.open();
            harness.setProcessingTime(backMs);
            read(harness, 20, NOW_MS - 490_000);
            read(harness, 20, NOW_MS - 450_000);
            assertThat(states(harness)).as("its raise was not forgotten").containsExactly(AlertState.CLEARED);

            harness.setProcessingTime(backMs + 2 * DetectBacklog.QUIET_MS);
            assertThat(harness.extractOutputValues()).hasSize(1);
            assertThat(stateEntries(harness)).isZero();
            assertThat(harness.numProcessingTimeTimers()).isZero();
        }
    }

    /** A baseline that begins anew scores nothing for its first readings. */
    @Test
    void what_a_device_is_used_to_outlives_a_restart() throws Exception {
        long firstMs = NOW_MS - 5_000 * 60_000L;
        Random noise = new Random(4);
        OperatorSubtaskState saved;
        try (var harness = open(new Detect(at(NOW_MS)))) {
            harness.processBroadcastElement(profile(PROFILE.replace("version: 1", "version: 2") + ODD), NOW_MS);
            for (int minute = 0; minute < 4_000; minute++) {
                read(harness, 20 + noise.nextGaussian(), firstMs + minute * 60_000L);
            }
            assertThat(harness.extractOutputValues()).isEmpty();
            saved = harness.snapshot(1, NOW_MS);
        }
        try (var harness = unopened(new Detect(at(NOW_MS)))) {
            harness.initializeState(saved);
            harness.open();
            for (int minute = 4_000; minute < 4_020; minute++) {
                read(harness, 26 + noise.nextGaussian(), firstMs + minute * 60_000L);
            }
            assertThat(states(harness)).containsExactly(AlertState.ACTIVE);
            assertThat(harness.extractOutputValues().get(0).alert().rule()).isEqualTo("test-heat/odd");

            harness.processElement(PlacedReadings.departure("gw-1", "hall-3", NOW_MS), NOW_MS);
            assertThat(states(harness)).containsExactly(AlertState.ACTIVE, AlertState.CLEARED);
            assertThat(stateEntries(harness)).isZero();
            assertThat(harness.numProcessingTimeTimers()).isZero();
        }
    }
}
