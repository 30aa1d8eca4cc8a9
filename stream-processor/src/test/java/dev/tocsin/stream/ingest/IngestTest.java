package dev.tocsin.stream.ingest;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tocsin.profiles.alert.Place;
import dev.tocsin.profiles.desired.DesiredJson;
import dev.tocsin.profiles.desired.GatewayState;
import dev.tocsin.profiles.desired.Pulse;
import dev.tocsin.profiles.reading.DeviceReadings;
import dev.tocsin.profiles.reading.Quality;
import dev.tocsin.profiles.reading.Reading;
import dev.tocsin.profiles.reading.Rejected;
import dev.tocsin.profiles.wire.Sequences;
import dev.tocsin.profiles.wire.UplinkCodec;
import dev.tocsin.stream.source.Feed;
import dev.tocsin.stream.source.UplinkMessage;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.streaming.api.operators.KeyedProcessOperator;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.streaming.util.KeyedOneInputStreamOperatorTestHarness;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class IngestTest {
    private static final String EPOCH = "e1";
    private static final long NOW_MS = 1_800_000_000_000L;
    private KeyedOneInputStreamOperatorTestHarness<String, UplinkMessage, PlacedReadings> harness;

    @BeforeEach
    void open() throws Exception {
        open(NOW_MS, null);
    }

    private void open(long atMs, @Nullable OperatorSubtaskState saved) throws Exception {
        Clock clock = Clock.fixed(Instant.ofEpochMilli(atMs), ZoneOffset.UTC);
        harness = new KeyedOneInputStreamOperatorTestHarness<>(
                new KeyedProcessOperator<>(new Ingest(clock)), UplinkMessage::gateway, Types.STRING, 1, 1, 0);
        if (saved != null) {
            harness.initializeState(saved);
        }
        harness.open();
        harness.setProcessingTime(atMs);
    }

    @AfterEach
    void close() throws Exception {
        harness.close();
    }

    @Test
    void a_sequence_passes_once_whatever_lane_and_batch_carries_it() throws Exception {
        send(Feed.LIVE, batch(EPOCH, "hall-3", 0, 5));
        send(Feed.LIVE, batch(EPOCH, "hall-3", 0, 5));
        send(Feed.BACKLOG, batch(EPOCH, "hall-3", 3, 4));

        assertThat(sequences(harness.extractOutputValues())).containsExactly(0L, 1L, 2L, 3L, 4L);
        assertThat(sequences(backlog())).containsExactly(5L, 6L);
    }

    @Test
    void the_part_of_a_batch_that_was_seen_is_cut_out_of_it() throws Exception {
        send(Feed.LIVE, batch(EPOCH, "hall-3", 2, 2));
        send(Feed.LIVE, batch(EPOCH, "hall-3", 0, 7));

        assertThat(sequences(harness.extractOutputValues())).containsExactly(2L, 3L, 0L, 1L, 4L, 5L, 6L);
    }

    @Test
    void another_epoch_counts_anew() throws Exception {
        send(Feed.LIVE, batch("e1", "hall-3", 0, 1));
        send(Feed.LIVE, batch("e2", "hall-3", 0, 1));

        assertThat(harness.extractOutputValues()).hasSize(2);
    }

    @Test
    void what_the_agent_evicted_closes_its_gap() throws Exception {
        List<Sequences.Range> evicted = List.of(new Sequences.Range(0, 9));
        send(Feed.LIVE, UplinkCodec.encodeBatch(EPOCH, evicted, List.of(block("hall-3", "p", "t", 10, 1))));
        send(Feed.BACKLOG, batch(EPOCH, "hall-3", 0, 10));

        assertThat(sequences(harness.extractOutputValues())).containsExactly(10L);
        assertThat(backlog()).isEmpty();
    }

    @Test
    void epochs_are_bounded_and_the_one_unused_for_longest_goes() throws Exception {
        for (int epoch = 0; epoch <= Ingest.EPOCHS_KEPT; epoch++) {
            harness.processElement(message(Feed.LIVE, batch("e" + epoch, "hall-3", 0, 1), epoch), 0);
        }
        send(Feed.LIVE, batch("e" + Ingest.EPOCHS_KEPT, "hall-3", 0, 1));
        assertThat(harness.extractOutputValues()).hasSize(Ingest.EPOCHS_KEPT + 1);

        send(Feed.LIVE, batch("e0", "hall-3", 0, 1));
        assertThat(harness.extractOutputValues()).hasSize(Ingest.EPOCHS_KEPT + 2);
    }

    @Test
    void a_batch_that_nobody_can_read_is_rejected_with_its_bytes() throws Exception {
        send(Feed.LIVE, new byte[] {9, 9, 9});
        send(Feed.LIVE, new byte[] {9, 9, 9});

        List<Rejected> rejected = new ArrayList<>();
        for (StreamRecord<Rejected> record : harness.getSideOutput(Ingest.REJECTED)) {
            rejected.add(record.getValue());
        }
        assertThat(rejected).hasSize(2).allSatisfy(one -> {
            assertThat(one.reason()).isEqualTo(Rejected.Reason.BAD_BATCH);
            assertThat(one.raw()).containsExactly(9, 9, 9);
            assertThat(one.id()).isEqualTo(rejected.get(0).id());
        });
    }

    @Test
    void readings_carry_the_place_of_their_device_else_of_their_gateway_else_none() throws Exception {
        send(Feed.LIVE, batch(EPOCH, "hall-3", 0, 1));
        harness.processElement(state(2, "new"), 0);
        harness.processElement(state(1, "old"), 0);
        send(Feed.LIVE, batch(EPOCH, "hall-3", 1, 1));
        send(Feed.LIVE, batch(EPOCH, "unknown", 2, 1));

        assertThat(harness.extractOutputValues())
                .extracting(placed -> placed.place().area())
                .containsExactly("unassigned", "new", "district");
    }

    @Test
    void the_pulse_passes_even_when_it_was_seen_but_never_from_a_backlog() throws Exception {
        byte[] beat =
                UplinkCodec.encodeBatch(EPOCH, List.of(), List.of(block("gw-1", Pulse.PROFILE, Pulse.METRIC, 0, 1)));
        send(Feed.LIVE, beat);
        send(Feed.LIVE, beat);
        send(Feed.BACKLOG, beat);

        assertThat(harness.getSideOutput(Ingest.PULSE)).hasSize(2);
    }

    @Test
    void state_that_is_none_changes_nothing() throws Exception {
        harness.processElement(state(2, "new"), 0);
        harness.processElement(
                new UplinkMessage(Feed.STATE, 0, "tocsin/v1/state/gateway/gw-1", "gw-1", new byte[] {'{'}, 0), 0);
        send(Feed.LIVE, batch(EPOCH, "hall-3", 1, 1));

        assertThat(harness.extractOutputValues().get(0).place().area()).isEqualTo("new");
    }

    @Test
    void a_gateway_that_the_registry_dropped_and_that_is_silent_for_long_leaves_no_state_and_no_timer()
            throws Exception {
        harness.processElement(state(1, "new"), 0);
        send(Feed.LIVE, batch("e1", "hall-3", 0, 1));
        harness.setProcessingTime(NOW_MS + 3_600_000);
        harness.processElement(message(Feed.LIVE, batch("e2", "hall-3", 0, 1), NOW_MS + 3_600_000), 0);
        harness.processElement(
                new UplinkMessage(Feed.STATE, 0, "tocsin/v1/state/gateway/gw-1", "gw-1", new byte[0], 0), 0);
        assertThat(harness.extractOutputValues())
                .last()
                .satisfies(departed -> assertThat(departed.isDeparture()).isTrue());

        harness.setProcessingTime(NOW_MS + Ingest.FORGET_AFTER_MS);
        assertThat(harness.numKeyedStateEntries()).as("e2 was heard later").isOne();
        assertThat(harness.numProcessingTimeTimers()).isOne();

        harness.setProcessingTime(NOW_MS + Ingest.FORGET_AFTER_MS + 3_600_000);
        assertThat(harness.numKeyedStateEntries()).isZero();
        assertThat(harness.numProcessingTimeTimers()).isZero();
    }

    @Test
    void a_spool_that_is_heard_again_and_again_is_not_forgotten_and_takes_one_timer() throws Exception {
        for (int week = 0; week < 20; week++) {
            long atMs = NOW_MS + week * 7L * 24 * 3_600_000;
            harness.setProcessingTime(atMs);
            harness.processElement(message(Feed.LIVE, batch(EPOCH, "hall-3", week, 1), atMs), 0);
            assertThat(harness.numProcessingTimeTimers()).isOne();
        }
        send(Feed.LIVE, batch(EPOCH, "hall-3", 0, 20));

        assertThat(harness.extractOutputValues()).hasSize(20);
    }

    @Test
    void what_was_seen_is_not_forgotten_for_the_time_that_the_job_itself_was_away() throws Exception {
        send(Feed.LIVE, batch(EPOCH, "hall-3", 0, 5));
        OperatorSubtaskState saved = harness.snapshot(1, NOW_MS);
        close();
        long backMs = NOW_MS + 2 * Ingest.FORGET_AFTER_MS;
        open(backMs, saved);

        harness.processElement(message(Feed.LIVE, batch(EPOCH, "hall-3", 0, 6), backMs), 0);

        assertThat(sequences(harness.extractOutputValues())).containsExactly(5L);
    }

    private void send(Feed feed, byte[] payload) throws Exception {
        harness.processElement(message(feed, payload, NOW_MS), 0);
    }

    private static UplinkMessage message(Feed feed, byte[] payload, long atMs) {
        return new UplinkMessage(feed, 0, "tocsin/v1/up/0/gw-1/live", "gw-1", payload, atMs);
    }

    private static UplinkMessage state(long version, String area) {
        Place place = new Place(new String[] {"district", area}, "", null, null);
        GatewayState state = new GatewayState(
                version,
                "gw-1",
                "G",
                new Place(new String[] {"district"}, "", null, null),
                GatewayState.Enrolment.OPEN,
                List.of(new GatewayState.EnrolledDevice("hall-3", "p", "Hall", place)));
        return new UplinkMessage(Feed.STATE, 0, "tocsin/v1/state/gateway/gw-1", "gw-1", DesiredJson.write(state), 0);
    }

    private static byte[] batch(String epoch, String device, long first, int count) {
        return UplinkCodec.encodeBatch(epoch, List.of(), List.of(block(device, "p", "t", first, count)));
    }

    private static byte[] block(String device, String profile, String metric, long first, int count) {
        List<Reading> readings = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            readings.add(new Reading(device, metric, i, i, i, Quality.GOOD));
        }
        return UplinkCodec.encodeBlock(List.of(DeviceReadings.of(device, profile, false, first, readings)));
    }

    private List<PlacedReadings> backlog() {
        List<PlacedReadings> backlog = new ArrayList<>();
        var records = harness.getSideOutput(Ingest.BACKLOG);
        if (records != null) {
            records.forEach(record -> backlog.add(record.getValue()));
        }
        return backlog;
    }

    private static List<Long> sequences(List<PlacedReadings> placed) {
        List<Long> sequences = new ArrayList<>();
        for (PlacedReadings one : placed) {
            for (long s = one.readings().firstSequence(); s <= one.readings().lastSequence(); s++) {
                sequences.add(s);
            }
        }
        return sequences;
    }
}
