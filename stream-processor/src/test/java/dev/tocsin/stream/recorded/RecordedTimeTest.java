package dev.tocsin.stream.recorded;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.runtime.state.heap.HeapKeyedStateBackend;
import org.apache.flink.streaming.api.functions.co.KeyedBroadcastProcessFunction;
import org.apache.flink.streaming.api.operators.AbstractStreamOperator;
import org.apache.flink.streaming.api.operators.co.CoBroadcastWithKeyedOperator;
import org.apache.flink.streaming.util.KeyedBroadcastOperatorTestHarness;
import org.apache.flink.util.Collector;
import org.junit.jupiter.api.Test;

class RecordedTimeTest {
    private static final String KEY = "a";

    @Test
    void the_time_of_an_element_is_when_it_was_received_and_a_timer_comes_when_that_time_is_over() throws Exception {
        try (var harness = open()) {
            harness.watermark(Timekeeping.BEGINNING_MS);
            harness.processElement(KEY, 5_000);
            harness.watermark(14_999);
            assertThat(harness.extractOutputValues()).containsExactly("a at 5000");

            harness.watermark(15_000);
            assertThat(harness.extractOutputValues()).containsExactly("a at 5000", "timer at 15000");
            assertThat(harness.numEventTimeTimers()).isZero();
        }
    }

    @Test
    void what_comes_before_all_that_is_known_from_the_beginning_waits_for_it() throws Exception {
        try (var harness = open()) {
            harness.processElement(KEY, 5_000);
            harness.processElement(KEY, 6_000);
            harness.processBroadcastElement("rules", Timekeeping.BEGINNING_MS);
            assertThat(harness.extractOutputValues()).containsExactly("told rules");

            harness.watermark(Timekeeping.BEGINNING_MS);
            assertThat(harness.extractOutputValues()).containsExactly("told rules", "a at 5000", "a at 6000");
            assertThat(stateEntries(harness)).isZero();
        }
    }

    @Test
    void what_is_broadcast_ahead_of_the_elements_is_told_when_they_have_come_so_far() throws Exception {
        try (var harness = open()) {
            harness.watermark(Timekeeping.BEGINNING_MS);
            harness.processElement(KEY, 1_000);
            // Of two gateways, each in its own order.
            harness.processBroadcastElement("pulse 2", 12_000);
            harness.processBroadcastElement("pulse 1", 10_000);
            harness.processElement(KEY, 9_000);
            assertThat(harness.extractOutputValues()).containsExactly("a at 1000", "a at 9000");

            harness.watermark(11_500);
            assertThat(harness.extractOutputValues())
                    .containsExactly("a at 1000", "a at 9000", "told pulse 1", "timer at 11000");
        }
    }

    @Test
    void after_the_end_nothing_is_known() throws Exception {
        try (var harness = open()) {
            harness.watermark(Timekeeping.BEGINNING_MS);
            harness.processElement(KEY, 5_000);
            harness.watermark(Long.MAX_VALUE);

            assertThat(harness.extractOutputValues()).containsExactly("a at 5000");
            assertThat(harness.numEventTimeTimers()).isZero();
        }
    }

    private static KeyedBroadcastOperatorTestHarness<String, String, String, String> open() throws Exception {
        var harness = new KeyedBroadcastOperatorTestHarness<>(
                new CoBroadcastWithKeyedOperator<>(
                        Timekeeping.RECORDED.keep(new Diary(), String.class, String.class), List.of()),
                key -> key,
                Types.STRING,
                1,
                1,
                0);
        harness.open();
        return harness;
    }

    private static int stateEntries(KeyedBroadcastOperatorTestHarness<?, ?, ?, ?> harness) {
        var operator = (AbstractStreamOperator<?>) harness.getOperator();
        return ((HeapKeyedStateBackend<?>) operator.getKeyedStateBackend()).numKeyValueStateEntries();
    }

    /** Writes down what it sees and when, and sets a timer 10 s later. */
    private static final class Diary extends KeyedBroadcastProcessFunction<String, String, String, String> {
        private static final long serialVersionUID = 1L;

        @Override
        public void processElement(String element, ReadOnlyContext context, Collector<String> out) {
            long nowMs = context.timerService().currentProcessingTime();
            out.collect(element + " at " + nowMs);
            context.timerService().registerProcessingTimeTimer(nowMs + 10_000);
        }

        @Override
        public void processBroadcastElement(String element, Context context, Collector<String> out) {
            out.collect("told " + element);
        }

        @Override
        public void onTimer(long timestamp, OnTimerContext context, Collector<String> out) {
            out.collect("timer at " + context.currentProcessingTime());
        }
    }
}
