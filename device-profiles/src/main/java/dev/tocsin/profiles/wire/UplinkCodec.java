package dev.tocsin.profiles.wire;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import dev.tocsin.profiles.reading.DeviceReadings;
import dev.tocsin.profiles.reading.Limits;
import dev.tocsin.profiles.reading.Quality;
import dev.tocsin.profiles.wire.proto.Batch;
import dev.tocsin.profiles.wire.proto.Block;
import dev.tocsin.profiles.wire.proto.Group;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Blocks and batches to and from bytes. Stateless, safe for any thread. */
public final class UplinkCodec {
    /** The version that this code writes and reads. */
    public static final int VERSION = 1;

    private UplinkCodec() {}

    /** A batch as the cloud reads it. */
    public record UplinkBatch(String epoch, List<Sequences.Range> evicted, List<DeviceReadings> readings) {}

    /** A batch that no version of this code wrote, or that was damaged on the way. */
    public static final class BadBatchException extends Exception {
        private static final long serialVersionUID = 1L;

        BadBatchException(String message) {
            super(message);
        }
    }

    /**
     * One spool commit as bytes.
     *
     * @param groups numbered without a gap: each begins where the one before it ended
     */
    public static byte[] encodeBlock(List<DeviceReadings> groups) {
        long base = groups.get(0).receivedAtMs()[0];
        Map<String, Integer> metrics = new LinkedHashMap<>();
        Block.Builder block = Block.newBuilder()
                .setFirstSequence(groups.get(0).firstSequence())
                .setBaseMs(base);
        for (DeviceReadings readings : groups) {
            Group.Builder group = Group.newBuilder()
                    .setDevice(readings.device())
                    .setProfile(readings.profile())
                    .setReplayed(readings.replayed());
            boolean allGood = true;
            for (int i = 0; i < readings.count(); i++) {
                Integer index = metrics.get(readings.metricAt(i));
                if (index == null) {
                    index = metrics.size();
                    metrics.put(readings.metricAt(i), index);
                }
                group.addMetric(index)
                        .addValue(readings.value()[i])
                        .addObservedDeltaMs(readings.observedAtMs()[i] - base)
                        .addReceivedDeltaMs(readings.receivedAtMs()[i] - base);
                allGood &= readings.quality()[i] == Quality.GOOD.code();
            }
            if (!allGood) {
                group.setQuality(ByteString.copyFrom(readings.quality()));
            }
            block.addGroups(group);
        }
        return block.addAllMetrics(metrics.keySet()).build().toByteArray();
    }

    /** A batch from blocks that {@link #encodeBlock} made, in the order of their sequences. */
    public static byte[] encodeBatch(String epoch, List<Sequences.Range> evicted, List<byte[]> blocks) {
        // The field is written by hand so that blocks, once encoded, are never parsed again at the edge.
        Batch.Builder head = Batch.newBuilder().setVersion(VERSION).setEpoch(epoch);
        for (Sequences.Range range : evicted) {
            head.addEvicted(dev.tocsin.profiles.wire.proto.Range.newBuilder()
                    .setFirst(range.first())
                    .setLast(range.last()));
        }
        ByteString.Output out = ByteString.newOutput();
        try {
            com.google.protobuf.CodedOutputStream coded = com.google.protobuf.CodedOutputStream.newInstance(out);
            head.build().writeTo(coded);
            for (byte[] block : blocks) {
                coded.writeByteArray(Batch.BLOCKS_FIELD_NUMBER, block);
            }
            coded.flush();
        } catch (java.io.IOException e) {
            throw new IllegalStateException("writing to memory failed", e);
        }
        return out.toByteString().toByteArray();
    }

    /** @throws BadBatchException naming what is wrong; nothing of such a batch may be used */
    public static UplinkBatch decodeBatch(byte[] payload) throws BadBatchException {
        Batch batch;
        try {
            batch = Batch.parseFrom(payload);
        } catch (InvalidProtocolBufferException e) {
            throw new BadBatchException("not a batch: " + e.getMessage());
        }
        if (batch.getVersion() != VERSION) {
            throw new BadBatchException("batch version " + batch.getVersion() + ", known is " + VERSION);
        }
        if (batch.getEpoch().isEmpty() || batch.getEpoch().length() > 64) {
            throw new BadBatchException("the epoch has " + batch.getEpoch().length() + " characters");
        }
        try {
            List<Sequences.Range> evicted = new ArrayList<>(batch.getEvictedCount());
            batch.getEvictedList().forEach(r -> evicted.add(new Sequences.Range(r.getFirst(), r.getLast())));
            List<DeviceReadings> readings = new ArrayList<>();
            for (Block block : batch.getBlocksList()) {
                decodeBlock(block, readings);
            }
            return new UplinkBatch(batch.getEpoch(), evicted, readings);
        } catch (IllegalArgumentException e) {
            throw new BadBatchException("inconsistent batch: " + e.getMessage());
        }
    }

    private static void decodeBlock(Block block, List<DeviceReadings> into) {
        String[] names = block.getMetricsList().toArray(new String[0]);
        for (String name : names) {
            Limits.text("metric", name, Limits.TEXT);
        }
        Limits.millis("base", block.getBaseMs());
        long sequence = block.getFirstSequence();
        for (Group group : block.getGroupsList()) {
            int count = group.getMetricCount();
            if (count == 0
                    || group.getValueCount() != count
                    || group.getObservedDeltaMsCount() != count
                    || group.getReceivedDeltaMsCount() != count) {
                throw new IllegalArgumentException(group.getDevice() + ": columns of different length");
            }
            Limits.text("device", group.getDevice(), Limits.TEXT);
            Limits.text("profile", group.getProfile(), Limits.TEXT);
            Sequences.Range sequences = new Sequences.Range(sequence, sequence + count - 1);
            int[] metric = new int[count];
            double[] value = new double[count];
            long[] observed = new long[count];
            long[] received = new long[count];
            for (int i = 0; i < count; i++) {
                metric[i] = group.getMetric(i);
                value[i] = group.getValue(i);
                if (!Double.isFinite(value[i])) {
                    throw new IllegalArgumentException(group.getDevice() + ": a value is not finite");
                }
                // A sum that overflows is far outside of the limits: the base is within them.
                observed[i] = block.getBaseMs() + group.getObservedDeltaMs(i);
                received[i] = block.getBaseMs() + group.getReceivedDeltaMs(i);
                Limits.millis(group.getDevice() + ": observed", observed[i]);
                Limits.millis(group.getDevice() + ": received", received[i]);
            }
            byte[] quality = group.getQuality().isEmpty()
                    ? new byte[count]
                    : group.getQuality().toByteArray();
            for (byte code : quality) {
                Quality.of(code);
            }
            into.add(new DeviceReadings(
                    group.getDevice(),
                    group.getProfile(),
                    group.getReplayed(),
                    sequences.first(),
                    names,
                    metric,
                    value,
                    observed,
                    received,
                    quality));
            sequence = sequences.last() + 1;
        }
    }
}
