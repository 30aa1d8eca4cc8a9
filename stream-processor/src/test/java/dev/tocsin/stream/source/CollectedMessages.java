package dev.tocsin.stream.source;

import java.util.ArrayList;
import java.util.List;
import org.apache.flink.api.common.eventtime.Watermark;
import org.apache.flink.api.connector.source.ReaderOutput;
import org.apache.flink.api.connector.source.SourceOutput;

/** What a reader put out. */
public final class CollectedMessages implements ReaderOutput<UplinkMessage> {
    public final List<UplinkMessage> messages = new ArrayList<>();

    @Override
    public void collect(UplinkMessage message) {
        messages.add(message);
    }

    @Override
    public void collect(UplinkMessage message, long timestamp) {
        messages.add(message);
    }

    @Override
    public void emitWatermark(Watermark watermark) {}

    @Override
    public void markIdle() {}

    @Override
    public void markActive() {}

    @Override
    public SourceOutput<UplinkMessage> createOutputForSplit(String splitId) {
        return this;
    }

    @Override
    public void releaseOutputForSplit(String splitId) {}
}
