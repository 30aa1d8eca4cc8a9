package dev.tocsin.stream.recorded;

import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.streaming.api.functions.co.KeyedBroadcastProcessFunction;

/** By which clock the timers of a workflow go. */
public enum Timekeeping {
    /** The machine's. */
    WALL {
        @Override
        public <K, I, B, O> KeyedBroadcastProcessFunction<K, I, B, O> keep(
                KeyedBroadcastProcessFunction<K, I, B, O> function, Class<I> elements, Class<O> results) {
            return function;
        }

        @Override
        public Clock clock() {
            return Clock.systemUTC();
        }
    },
    /**
     * The watermark's: elements carry as timestamp when they were received, what is known from the beginning carries
     * {@link #BEGINNING_MS}, and a watermark of that time follows it.
     */
    RECORDED {
        @Override
        public <K, I, B, O> KeyedBroadcastProcessFunction<K, I, B, O> keep(
                KeyedBroadcastProcessFunction<K, I, B, O> function, Class<I> elements, Class<O> results) {
            return new RecordedTime<>(function, TypeInformation.of(elements), TypeInformation.of(results));
        }

        @Override
        public Clock clock() {
            return Clock.fixed(Instant.ofEpochMilli(BEGINNING_MS), ZoneOffset.UTC);
        }
    };

    /** Before any reading. */
    public static final long BEGINNING_MS = 0;

    /**
     * @param function its timers are those of processing time; it takes event time from the elements alone
     * @return the same, its timers set by this clock
     */
    public abstract <K, I, B, O> KeyedBroadcastProcessFunction<K, I, B, O> keep(
            KeyedBroadcastProcessFunction<K, I, B, O> function, Class<I> elements, Class<O> results);

    /** Tells a function when it began to run, by the same time as its timers; for that alone. */
    public abstract Clock clock();
}
