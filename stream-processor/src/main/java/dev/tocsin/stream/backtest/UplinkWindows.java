package dev.tocsin.stream.backtest;

import dev.tocsin.profiles.reading.DeviceReadings;
import dev.tocsin.profiles.reading.Reading;
import dev.tocsin.profiles.wire.Lane;
import dev.tocsin.profiles.wire.Topics;
import dev.tocsin.profiles.wire.UplinkCodec;
import dev.tocsin.stream.backtest.ArchivedReadings.Row;
import dev.tocsin.stream.recorded.Timekeeping;
import dev.tocsin.stream.source.Feed;
import dev.tocsin.stream.source.UplinkMessage;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Archived readings as the batches in which the uplink would have carried them live: one of each gateway for each
 * second of receipt. They are numbered anew, from 1 for each gateway. For one thread.
 */
final class UplinkWindows {
    private static final long WINDOW_MS = 1_000;
    /** A second with more becomes several batches a gateway. */
    private static final int MAX_ROWS = 10_000;
    /** Of the spool that never was. */
    private static final String EPOCH = "backtest";

    private final ArchivedReadings archive;
    private final Map<String, Long> nextSequence = new HashMap<>();
    private @Nullable Row ahead;

    /**
     * What was received in one second, or in a part of it.
     *
     * @param beganMs start of the second
     * @param messages each received at its end
     */
    record Window(long beganMs, long endedMs, List<UplinkMessage> messages) {}

    /** What the blocks of a batch are made of. */
    private record Group(String device, String profile, boolean replayed) {}

    UplinkWindows(ArchivedReadings archive) throws SQLException {
        this.archive = archive;
        ahead = archive.next();
    }

    /** The next; null after the last. */
    @Nullable
    Window next() throws SQLException {
        if (ahead == null) {
            return null;
        }
        long beganMs = windowOf(ahead);
        long endedMs = beganMs + WINDOW_MS - 1;
        Map<String, Map<Group, List<Reading>>> gateways = new LinkedHashMap<>();
        int rows = 0;
        for (Row row = ahead; row != null && windowOf(row) == beganMs && rows < MAX_ROWS; row = ahead) {
            gateways.computeIfAbsent(row.gateway(), gateway -> new LinkedHashMap<>())
                    .computeIfAbsent(
                            new Group(row.reading().device(), row.profile(), row.replayed()),
                            group -> new ArrayList<>())
                    .add(row.reading());
            rows++;
            ahead = archive.next();
        }
        List<UplinkMessage> messages = new ArrayList<>(gateways.size());
        gateways.forEach((gateway, groups) -> messages.add(message(gateway, groups, endedMs)));
        return new Window(beganMs, endedMs, messages);
    }

    private UplinkMessage message(String gateway, Map<Group, List<Reading>> groups, long receivedAtMs) {
        long sequence = nextSequence.getOrDefault(gateway, 1L);
        List<DeviceReadings> block = new ArrayList<>(groups.size());
        for (Map.Entry<Group, List<Reading>> entry : groups.entrySet()) {
            Group group = entry.getKey();
            List<Reading> readings = entry.getValue();
            block.add(DeviceReadings.of(group.device, group.profile, group.replayed, sequence, readings));
            sequence += readings.size();
        }
        nextSequence.put(gateway, sequence);
        byte[] batch = UplinkCodec.encodeBatch(EPOCH, List.of(), List.of(UplinkCodec.encodeBlock(block)));
        return new UplinkMessage(Feed.LIVE, 0, Topics.up(0, gateway, Lane.LIVE), gateway, batch, receivedAtMs);
    }

    /** A gateway whose clock was before 1970 is taken as one at the beginning. */
    private static long windowOf(Row row) {
        long receivedMs =
                Math.max(Timekeeping.BEGINNING_MS + WINDOW_MS, row.reading().receivedAtMs());
        return receivedMs - receivedMs % WINDOW_MS;
    }
}
