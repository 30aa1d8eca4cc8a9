package dev.tocsin.profiles.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tocsin.profiles.reading.DeviceReadings;
import dev.tocsin.profiles.reading.Quality;
import dev.tocsin.profiles.reading.Reading;
import dev.tocsin.profiles.wire.UplinkCodec.BadBatchException;
import dev.tocsin.profiles.wire.UplinkCodec.UplinkBatch;
import dev.tocsin.profiles.wire.proto.Batch;
import dev.tocsin.profiles.wire.proto.Block;
import dev.tocsin.profiles.wire.proto.Group;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class UplinkCodecTest {
    private static final List<Quality> QUALITIES = List.of(Quality.values());
    private static final String EPOCH = "0123456789abcdef0123456789abcdef";

    private static List<DeviceReadings> groups(Random random, long firstSequence) {
        List<DeviceReadings> groups = new ArrayList<>();
        long sequence = firstSequence;
        for (int g = random.nextInt(5); g >= 0; g--) {
            List<Reading> readings = new ArrayList<>();
            boolean good = random.nextBoolean();
            for (int i = random.nextInt(40); i >= 0; i--) {
                long receivedAtMs = 1_700_000_000_000L + random.nextInt(10_000);
                readings.add(new Reading(
                        "d" + g,
                        "m" + random.nextInt(4),
                        random.nextGaussian() * 1e6,
                        receivedAtMs - random.nextInt(),
                        receivedAtMs,
                        good ? Quality.GOOD : QUALITIES.get(random.nextInt(QUALITIES.size()))));
            }
            groups.add(DeviceReadings.of("d" + g, "p", random.nextBoolean(), sequence, readings));
            sequence += readings.size();
        }
        return groups;
    }

    private static byte[] batch(List<DeviceReadings> groups) {
        return UplinkCodec.encodeBatch(
                EPOCH, List.of(new Sequences.Range(1, 7)), List.of(UplinkCodec.encodeBlock(groups)));
    }

    @Test
    void aBatchIsReadAsItWasWritten() throws BadBatchException {
        Random random = new Random(5);
        for (int round = 0; round < 100; round++) {
            List<List<DeviceReadings>> commits = new ArrayList<>();
            List<byte[]> blocks = new ArrayList<>();
            long sequence = 1L + random.nextInt(1000);
            for (int b = random.nextInt(4); b >= 0; b--) {
                List<DeviceReadings> groups = groups(random, sequence);
                sequence = groups.get(groups.size() - 1).lastSequence() + 1 + random.nextInt(3);
                commits.add(groups);
                blocks.add(UplinkCodec.encodeBlock(groups));
            }
            UplinkBatch read =
                    UplinkCodec.decodeBatch(UplinkCodec.encodeBatch(EPOCH, List.of(new Sequences.Range(3, 4)), blocks));
            assertThat(read.epoch()).isEqualTo(EPOCH);
            assertThat(read.evicted()).containsExactly(new Sequences.Range(3, 4));
            List<DeviceReadings> written =
                    commits.stream().flatMap(List::stream).toList();
            assertThat(read.readings()).hasSameSizeAs(written);
            for (int i = 0; i < written.size(); i++) {
                assertThat(read.readings().get(i).firstSequence())
                        .isEqualTo(written.get(i).firstSequence());
                assertThat(read.readings().get(i).profile()).isEqualTo("p");
                assertThat(read.readings().get(i).replayed())
                        .isEqualTo(written.get(i).replayed());
                assertThat(read.readings().get(i).toList())
                        .isEqualTo(written.get(i).toList());
            }
        }
    }

    @Test
    void damageIsABadBatchAndNothingElse() {
        Random random = new Random(6);
        byte[] good = batch(groups(random, 1));
        for (int length = 0; length < good.length; length++) {
            decodedOrBad(Arrays.copyOf(good, length));
        }
        for (int round = 0; round < 5_000; round++) {
            byte[] damaged = good.clone();
            damaged[random.nextInt(damaged.length)] ^= (byte) (1 << random.nextInt(8));
            decodedOrBad(damaged);
        }
    }

    private static void decodedOrBad(byte[] payload) {
        try {
            UplinkCodec.decodeBatch(payload).readings().forEach(DeviceReadings::toList);
        } catch (BadBatchException e) {
            assertThat(e).hasMessageMatching("(?s).{5,}");
        }
    }

    @Test
    void aVersionOrQualityThatNobodyKnowsIsABadBatch() {
        byte[] newer = Batch.newBuilder().setVersion(2).setEpoch(EPOCH).build().toByteArray();
        assertThatThrownBy(() -> UplinkCodec.decodeBatch(newer)).hasMessage("batch version 2, known is 1");
        assertThatThrownBy(() -> UplinkCodec.decodeBatch(new byte[0])).hasMessage("batch version 0, known is 1");
        assertThatThrownBy(() -> UplinkCodec.decodeBatch(one(1.0, (byte) 9))).hasMessageContaining("quality code 9");
    }

    @Test
    void aValueThatIsNoNumberIsABadBatch() {
        for (double value : new double[] {Double.NaN, Double.POSITIVE_INFINITY}) {
            assertThatThrownBy(() -> UplinkCodec.decodeBatch(one(value, (byte) 0)))
                    .isInstanceOf(BadBatchException.class)
                    .hasMessageContaining("d: a value is not finite");
        }
    }

    @Test
    void aBatchWhoseNumbersNobodyCanCountWithIsABadBatch() {
        long[][] ranges = {{1, Long.MAX_VALUE}, {-5, 3}, {0, Sequences.LAST + 1}, {9, 8}};
        for (long[] range : ranges) {
            byte[] batch = Batch.newBuilder()
                    .setVersion(1)
                    .setEpoch(EPOCH)
                    .addEvicted(dev.tocsin.profiles.wire.proto.Range.newBuilder()
                            .setFirst(range[0])
                            .setLast(range[1]))
                    .build()
                    .toByteArray();
            assertThatThrownBy(() -> UplinkCodec.decodeBatch(batch)).isInstanceOf(BadBatchException.class);
        }
        for (long first : new long[] {-1, Long.MAX_VALUE, Sequences.LAST + 1}) {
            assertThatThrownBy(() -> UplinkCodec.decodeBatch(one(first, 0, 0, "d")))
                    .isInstanceOf(BadBatchException.class);
        }
    }

    @Test
    void aTimeOutsideOfTheYears1To9999OrAnEndlessNameIsABadBatch() throws BadBatchException {
        long year9999 = 253_402_300_799_999L;
        long[][] baseAndDelta = {{year9999 + 1, 0}, {0, year9999 + 1}, {year9999, Long.MAX_VALUE}, {0, Long.MIN_VALUE}};
        for (long[] at : baseAndDelta) {
            assertThatThrownBy(() -> UplinkCodec.decodeBatch(one(1, at[0], at[1], "d")))
                    .isInstanceOf(BadBatchException.class)
                    .hasMessageContaining("years 0001 to 9999");
        }
        assertThatThrownBy(() -> UplinkCodec.decodeBatch(one(1, 0, 0, "d".repeat(257))))
                .isInstanceOf(BadBatchException.class);
        assertThat(UplinkCodec.decodeBatch(one(Sequences.LAST, 0, year9999, "d"))
                        .readings())
                .hasSize(1);
    }

    private static byte[] one(long firstSequence, long baseMs, long observedDeltaMs, String device) {
        Group group = Group.newBuilder()
                .setDevice(device)
                .setProfile("p")
                .addMetric(0)
                .addValue(1)
                .addObservedDeltaMs(observedDeltaMs)
                .addReceivedDeltaMs(0)
                .build();
        Block block = Block.newBuilder()
                .setFirstSequence(firstSequence)
                .setBaseMs(baseMs)
                .addMetrics("m")
                .addGroups(group)
                .build();
        return Batch.newBuilder()
                .setVersion(1)
                .setEpoch(EPOCH)
                .addBlocks(block)
                .build()
                .toByteArray();
    }

    private static byte[] one(double value, byte quality) {
        Group group = Group.newBuilder()
                .setDevice("d")
                .setProfile("p")
                .addMetric(0)
                .addValue(value)
                .addObservedDeltaMs(0)
                .addReceivedDeltaMs(0)
                .setQuality(com.google.protobuf.ByteString.copyFrom(new byte[] {quality}))
                .build();
        Block block = Block.newBuilder()
                .setFirstSequence(1)
                .setBaseMs(0)
                .addMetrics("m")
                .addGroups(group)
                .build();
        return Batch.newBuilder()
                .setVersion(1)
                .setEpoch(EPOCH)
                .addBlocks(block)
                .build()
                .toByteArray();
    }
}
