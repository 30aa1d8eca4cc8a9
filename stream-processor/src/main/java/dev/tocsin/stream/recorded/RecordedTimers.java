package dev.tocsin.stream.recorded;

import org.apache.flink.streaming.api.TimerService;

/** The timers of processing time, set in event time. */
record RecordedTimers(TimerService timers, long currentProcessingTime) implements TimerService {
    @Override
    public long currentWatermark() {
        return timers.currentWatermark();
    }

    @Override
    public void registerProcessingTimeTimer(long time) {
        timers.registerEventTimeTimer(time);
    }

    @Override
    public void deleteProcessingTimeTimer(long time) {
        timers.deleteEventTimeTimer(time);
    }

    @Override
    public void registerEventTimeTimer(long time) {
        throw new UnsupportedOperationException("event time is the recording's own clock");
    }

    @Override
    public void deleteEventTimeTimer(long time) {
        throw new UnsupportedOperationException("event time is the recording's own clock");
    }
}
