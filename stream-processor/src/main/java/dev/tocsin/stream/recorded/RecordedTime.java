package dev.tocsin.stream.recorded;

import java.util.Comparator;
import java.util.PriorityQueue;
import java.util.Queue;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.state.BroadcastState;
import org.apache.flink.api.common.state.ListState;
import org.apache.flink.api.common.state.ListStateDescriptor;
import org.apache.flink.api.common.state.MapStateDescriptor;
import org.apache.flink.api.common.state.ReadOnlyBroadcastState;
import org.apache.flink.api.common.state.State;
import org.apache.flink.api.common.state.StateDescriptor;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.api.java.tuple.Tuple2;
import org.apache.flink.api.java.typeutils.ResultTypeQueryable;
import org.apache.flink.runtime.state.KeyedStateFunction;
import org.apache.flink.streaming.api.TimeDomain;
import org.apache.flink.streaming.api.TimerService;
import org.apache.flink.streaming.api.functions.co.KeyedBroadcastProcessFunction;
import org.apache.flink.util.Collector;
import org.apache.flink.util.OutputTag;

/**
 * A function in recorded time: what it takes for the machine's clock is the time of the element or timer at hand, and
 * its timers come in order with the elements, however fast these are. In the machine's time the two inputs are close
 * together; here one may run ahead by hours, so
 *
 * <ul>
 *   <li>an element that comes before everything that is known from the beginning waits for it, and
 *   <li>what is broadcast later is told when the watermark has passed it. It cannot change broadcast state then.
 * </ul>
 *
 * <p>With the watermark at its end nothing is known any more, and no timer comes. Not restored from a checkpoint: a
 * bounded job begins anew.
 */
final class RecordedTime<K, I, B, O> extends KeyedBroadcastProcessFunction<K, I, B, O>
        implements ResultTypeQueryable<O> {
    private static final long serialVersionUID = 1L;

    private final KeyedBroadcastProcessFunction<K, I, B, O> function;
    private final TypeInformation<I> elements;
    private final TypeInformation<O> results;

    /** Each with the time of its receipt. */
    private transient ListState<Tuple2<Long, I>> early;

    private transient Queue<Broadcast<B>> untold;
    private transient long broadcasts;

    /** @param number by which equal times keep the order in which they came */
    private record Broadcast<B>(long atMs, long number, B element) {
        static final Comparator<Broadcast<?>> BY_TIME =
                Comparator.<Broadcast<?>>comparingLong(Broadcast::atMs).thenComparingLong(Broadcast::number);
    }

    RecordedTime(
            KeyedBroadcastProcessFunction<K, I, B, O> function,
            TypeInformation<I> elements,
            TypeInformation<O> results) {
        this.function = function;
        this.elements = elements;
        this.results = results;
    }

    @Override
    public TypeInformation<O> getProducedType() {
        return results;
    }

    @Override
    public void open(OpenContext context) throws Exception {
        early = getRuntimeContext()
                .getListState(new ListStateDescriptor<>("before-the-beginning", Types.TUPLE(Types.LONG, elements)));
        untold = new PriorityQueue<>(Broadcast.BY_TIME);
        function.setRuntimeContext(getRuntimeContext());
        function.open(context);
    }

    @Override
    public void close() throws Exception {
        function.close();
    }

    @Override
    public void processElement(I element, ReadOnlyContext context, Collector<O> out) throws Exception {
        if (context.currentWatermark() < Timekeeping.BEGINNING_MS) {
            early.add(Tuple2.of(context.timestamp(), element));
            context.timerService().registerEventTimeTimer(Timekeeping.BEGINNING_MS);
            return;
        }
        tell(context.currentWatermark(), context, out);
        function.processElement(element, new Recorded(context, context.timestamp()), out);
    }

    @Override
    public void processBroadcastElement(B element, Context context, Collector<O> out) throws Exception {
        if (context.timestamp() <= Timekeeping.BEGINNING_MS) {
            function.processBroadcastElement(element, context, out);
        } else {
            untold.add(new Broadcast<>(context.timestamp(), broadcasts++, element));
        }
    }

    @Override
    public void onTimer(long timestamp, OnTimerContext context, Collector<O> out) throws Exception {
        if (timestamp == Timekeeping.BEGINNING_MS) {
            for (Tuple2<Long, I> element : early.get()) {
                function.processElement(element.f1, new Recorded(context, element.f0), out);
            }
            early.clear();
        } else if (context.currentWatermark() != Long.MAX_VALUE) {
            tell(timestamp, context, out);
            function.onTimer(timestamp, new Recorded(context, timestamp), out);
        }
    }

    private void tell(long untilMs, ReadOnlyContext context, Collector<O> out) throws Exception {
        for (Broadcast<B> next = untold.peek(); next != null && next.atMs <= untilMs; next = untold.peek()) {
            function.processBroadcastElement(untold.remove().element, new Told(context, next.atMs), out);
        }
    }

    /** The context of an element or a timer. */
    private final class Recorded extends OnTimerContext {
        private final ReadOnlyContext context;
        private final long nowMs;

        Recorded(ReadOnlyContext context, long nowMs) {
            this.context = context;
            this.nowMs = nowMs;
        }

        @Override
        public TimeDomain timeDomain() {
            return TimeDomain.PROCESSING_TIME;
        }

        @Override
        public K getCurrentKey() {
            return context.getCurrentKey();
        }

        @Override
        public TimerService timerService() {
            return new RecordedTimers(context.timerService(), nowMs);
        }

        @Override
        public <S, V> ReadOnlyBroadcastState<S, V> getBroadcastState(MapStateDescriptor<S, V> descriptor) {
            return context.getBroadcastState(descriptor);
        }

        @Override
        public Long timestamp() {
            return nowMs;
        }

        @Override
        public <X> void output(OutputTag<X> tag, X value) {
            context.output(tag, value);
        }

        @Override
        public long currentProcessingTime() {
            return nowMs;
        }

        @Override
        public long currentWatermark() {
            return context.currentWatermark();
        }
    }

    /** The context of what was broadcast after the beginning. */
    private final class Told extends Context {
        private final ReadOnlyContext context;
        private final long nowMs;

        Told(ReadOnlyContext context, long nowMs) {
            this.context = context;
            this.nowMs = nowMs;
        }

        @Override
        public <S, V> BroadcastState<S, V> getBroadcastState(MapStateDescriptor<S, V> descriptor) {
            throw new UnsupportedOperationException(descriptor.getName() + " is as it was at the beginning");
        }

        @Override
        public <V, S extends State> void applyToKeyedState(
                StateDescriptor<S, V> descriptor, KeyedStateFunction<K, S> function) {
            throw new UnsupportedOperationException(descriptor.getName() + " is changed by its own key alone");
        }

        @Override
        public Long timestamp() {
            return nowMs;
        }

        @Override
        public <X> void output(OutputTag<X> tag, X value) {
            context.output(tag, value);
        }

        @Override
        public long currentProcessingTime() {
            return nowMs;
        }

        @Override
        public long currentWatermark() {
            return context.currentWatermark();
        }
    }
}
