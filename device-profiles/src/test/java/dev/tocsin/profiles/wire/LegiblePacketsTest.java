package dev.tocsin.profiles.wire;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.SocketTimeoutException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import org.eclipse.paho.mqttv5.common.packet.MqttPublish;
import org.eclipse.paho.mqttv5.common.packet.MqttWireMessage;
import org.eclipse.paho.mqttv5.common.packet.UserProperty;
import org.junit.jupiter.api.Test;

/** The client is the real one: what it makes of the bytes is what counts. */
class LegiblePacketsTest {
    private static final byte[] NOTHING = {};
    private static final byte[] CONNACK = hex("20030000001f");
    private static final byte[] PINGRESP = hex("d000");
    /** The reason string of this one cannot be read either, and is none of ours to mend. */
    private static final byte[] SUBACK = hex("90080001041f000101" + "01");

    @Test
    void whatTheClientCanReadPassesAsItIsWhereverTheNetworkPartsIt() throws Exception {
        byte[] properties = join(
                hex("0101" + "0200000e10"),
                property(3, "text/plain; charset=utf-8"),
                property(8, "antwort/küche"),
                property(9, "\u0000\u0001"),
                hex("0bffffff7f" + "0b01"),
                property(38, "房间", "一号楼"),
                property(38, "房间", "\ud83d\udd25"));
        byte[] sent = join(
                Arrays.copyOf(CONNACK, 5),
                publish(1, "sensors/hall-3", NOTHING, "{}"),
                SUBACK,
                publish(0, "感烟/三楼", properties, "x".repeat(300)),
                PINGRESP,
                publish(2, "", hex("230007"), ""),
                publish(1, "a", property(9, "x".repeat(32_767)), "y".repeat(5)),
                publish(1, "b", property(38, "k", "v".repeat(60_000)), "z"));
        long mended = MendedPublications.count();
        for (int part = 0; part <= sent.length; part += part < 1_000 ? 1 : 997) {
            assertThat(through(sent, part)).isEqualTo(sent);
        }
        assertThat(MendedPublications.count()).isEqualTo(mended);
    }

    @Test
    void aPayloadIsNotLookedAt() throws Exception {
        byte[] payload = new byte[300_000];
        new Random(7).nextBytes(payload);
        byte[] sent = join(publish(1, "a".getBytes(UTF_8), NOTHING, payload), PINGRESP, publish(1, "b", NOTHING, "1"));
        for (int part : new int[] {0, 8, 16_383, 16_384, 16_385, 200_000}) {
            assertThat(through(sent, part)).isEqualTo(sent);
        }
    }

    @Test
    void exactlyTheCharactersThatEndTheClientsThreadAreReplaced() throws Exception {
        ByteArrayOutputStream sent = new ByteArrayOutputStream();
        for (int c = 0; c <= Character.MAX_CODE_POINT; c++) {
            if (c < Character.MIN_SURROGATE || c > Character.MAX_SURROGATE) {
                sent.writeBytes(publish(1, "a" + Character.toString(c) + "b", NOTHING, "1"));
            }
        }
        InputStream legible = new LegiblePackets(new ByteArrayInputStream(sent.toByteArray()));
        int replaced = 0;
        List<String> wrong = new ArrayList<>();
        for (int c = 0; c <= Character.MAX_CODE_POINT; c++) {
            if (c < Character.MIN_SURROGATE || c > Character.MAX_SURROGATE) {
                String topic = "a" + Character.toString(c) + "b";
                boolean refused = isRefused(publish(1, topic, NOTHING, "1"));
                replaced += refused ? 1 : 0;
                if (!readOne(legible).getTopicName().equals(refused ? "a\ufffdb" : topic)) {
                    wrong.add(topic);
                }
            }
        }
        assertThat(wrong).isEmpty();
        assertThat(replaced).isEqualTo(115);
    }

    @Test
    void charactersAreReplacedInEveryTextWhereverTheNetworkPartsIt() throws Exception {
        byte[] properties = join(
                property(3, "text\u0085plain"),
                property(8, "\ufdd0"),
                property(9, "\u0001"),
                property(38, "k\ufffe", "v\t"),
                property(38, "unten", "\ud83f\udfff"));
        byte[] sent = join(PINGRESP, publish(1, "a\u0001/b\u007f", properties, "payload"), PINGRESP);
        for (int part = 0; part <= sent.length; part++) {
            byte[] got = through(sent, part);
            assertThat(got).startsWith(PINGRESP).endsWith(PINGRESP);
            MqttPublish read = parse(Arrays.copyOfRange(got, 2, got.length - 2));
            assertThat(read.getTopicName()).isEqualTo("a\ufffd/b\ufffd");
            assertThat(read.getMessageId()).isEqualTo(0x1234);
            assertThat(read.getPayload()).isEqualTo("payload".getBytes(UTF_8));
            assertThat(read.getProperties().getContentType()).isEqualTo("text\ufffdplain");
            assertThat(read.getProperties().getResponseTopic()).isEqualTo("\ufffd");
            assertThat(read.getProperties().getCorrelationData()).isEqualTo(new byte[] {1});
            assertThat(read.getProperties().getUserProperties())
                    .containsExactly(new UserProperty("k\ufffd", "v\ufffd"), new UserProperty("unten", "\ufffd"));
        }
    }

    @Test
    void aPropertyThatTheClientRefusesIsLeftOut() throws Exception {
        assertMended(join(property(3, "a"), property(3, "b")), "t", 0);
        assertMended(join(hex("0101"), hex("0101")), "t", 0);
        // It takes a length from 32,768 on for one below zero.
        assertMended(join(property(9, "x".repeat(32_768)), property(38, "k", "v")), "t", 1);
        assertMended(property(9, "x".repeat(65_535)), "t", 0);
    }

    @Test
    void whatHasPropertiesThatNobodyKnowsIsNoLongerOfItsTopic() throws Exception {
        assertMended(join(property(38, "k", "v"), hex("7e01")), "\ufffdt", 1);
        assertMended(hex("1100000001"), "\ufffdt", 0);
        assertMended(hex("26000161"), "\ufffdt", 0);
        assertMended(hex("03ffff61"), "\ufffdt", 0);
        assertMended(hex("0bffffffffff01"), "\ufffdt", 0);
        assertMended(hex("02"), "\ufffdt", 0);
    }

    @Test
    void propertiesThatReachOverTheEndOfThePacketAreNone() throws Exception {
        for (String lengthAndRest : List.of("", "05", "ff", "ffffff7f", "80808080", "8080808001", "7f7b7d")) {
            byte[] rest = hex(lengthAndRest);
            byte[] sent = packet(1, "t".getBytes(UTF_8), rest);
            assertThatThrownBy(() -> parse(sent)).isNotNull();
            MqttPublish read = parse(through(sent, 0));
            assertThat(read.getTopicName()).isEqualTo("\ufffdt");
            assertThat(read.getPayload()).isEqualTo(rest);
        }
    }

    @Test
    void aTextThatBecomesTooLongIsCutBetweenCharacters() throws Exception {
        MqttPublish read = parse(through(publish(1, "\u0001".repeat(65_535), NOTHING, "1"), 0));
        assertThat(read.getTopicName()).isEqualTo("\ufffd".repeat(65_535 / 3));
    }

    @Test
    void whatCannotBeAcknowledgedIsTheClientsToRefuse() throws Exception {
        for (byte[] sent : List.of(hex("3200"), hex("320100"), hex("32020005"), hex("3204000174" + "00"))) {
            assertThat(through(sent, 1)).isEqualTo(sent);
        }
    }

    @Test
    void aConnectionThatEndsWithinAPacketEndsThere() throws Exception {
        byte[] sent = publish(1, "a\u0001", property(38, "k", "v"), "payload");
        for (int length = 0; length < sent.length - "payload".length(); length++) {
            byte[] some = Arrays.copyOf(sent, length);
            assertThat(through(some, length)).isEqualTo(some);
        }
        assertThat(through(hex("30ffffffff01"), 2)).isEqualTo(hex("30ffffffff01"));
    }

    @Test
    void whateverStandsInAPacketWithAnIdTheClientReadsIt() throws Exception {
        Random random = new Random(20_240_501);
        byte[] good = publish(
                1,
                "a/bé\ud83d\udd25",
                join(property(3, "c"), property(9, "d"), property(38, "k", "v"), hex("0101" + "0b05")),
                "payload");
        int head = good.length - "payload".length();
        int mended = 0;
        for (int round = 0; round < 50_000; round++) {
            byte[] sent = good.clone();
            for (int change = random.nextInt(4); change >= 0; change--) {
                // Not its type and length, nor that of the topic: the packet has to have an id.
                int at = 4 + random.nextInt(head - 4);
                sent[at] =
                        random.nextBoolean() ? (byte) random.nextInt(256) : hex("001f7fc2efbfb7f0")[random.nextInt(8)];
            }
            byte[] got = through(sent, -1);
            mended += Arrays.equals(got, sent) ? 0 : 1;
            MqttPublish read = parse(got);
            assertThat(read.getMessageId()).isEqualTo(idOf(sent));
        }
        assertThat(mended).isBetween(10_000, 49_000);
    }

    private static int idOf(byte[] packet) {
        int id = 4 + packet[3];
        return (packet[id] & 0xff) << 8 | packet[id + 1] & 0xff;
    }

    private void assertMended(byte[] properties, String topic, int userProperties) throws Exception {
        byte[] sent = publish(1, "t", properties, "payload");
        assertThatThrownBy(() -> parse(sent)).isNotNull();
        MqttPublish read = parse(through(sent, 0));
        assertThat(read.getTopicName()).isEqualTo(topic);
        assertThat(read.getQoS()).isEqualTo(1);
        assertThat(read.getMessageId()).isEqualTo(0x1234);
        assertThat(read.getPayload()).isEqualTo("payload".getBytes(UTF_8));
        assertThat(read.getProperties().getUserProperties()).hasSize(userProperties);
    }

    private static boolean isRefused(byte[] packet) throws Exception {
        try {
            parse(packet);
            return false;
        } catch (IllegalArgumentException e) {
            return true;
        }
    }

    private static MqttPublish parse(byte[] packet) throws Exception {
        return (MqttPublish) MqttWireMessage.createWireMessage(packet);
    }

    /** One small packet. */
    private static MqttPublish readOne(InputStream in) throws Exception {
        int type = in.read();
        int length = in.read();
        return parse(join(new byte[] {(byte) type, (byte) length}, in.readNBytes(length)));
    }

    /** What comes out when the network parts it there, with a time-out at the parting; -1 for no parting. */
    private static byte[] through(byte[] sent, int part) throws IOException {
        InputStream legible = new LegiblePackets(part < 0 ? new ByteArrayInputStream(sent) : new Parted(sent, part));
        ByteArrayOutputStream got = new ByteArrayOutputStream();
        byte[] some = new byte[50_000];
        while (true) {
            try {
                // As the client does: the header byte by byte, then the rest.
                int first = legible.read();
                if (first < 0) {
                    return got.toByteArray();
                }
                got.write(first);
                int n = legible.available() > 0 ? legible.read(some, 0, Math.min(some.length, legible.available())) : 0;
                got.write(some, 0, n);
            } catch (SocketTimeoutException e) {
                // Read on.
            }
        }
    }

    private static final class Parted extends InputStream {
        private final byte[] bytes;
        private final int part;
        private int next;
        private boolean waited;

        Parted(byte[] bytes, int part) {
            this.bytes = bytes;
            this.part = part;
        }

        @Override
        public int read() {
            throw new AssertionError("one by one from the network");
        }

        @Override
        public int available() {
            return 0;
        }

        @Override
        public int read(byte[] to, int offset, int length) throws IOException {
            if (next == bytes.length) {
                return -1;
            }
            if (next == part && !waited) {
                waited = true;
                throw new SocketTimeoutException("nothing came");
            }
            int some = Math.min(length, (next < part ? part : bytes.length) - next);
            System.arraycopy(bytes, next, to, offset, some);
            next += some;
            return some;
        }
    }

    private static byte[] publish(int qos, String topic, byte[] properties, String payload) {
        return publish(qos, topic.getBytes(UTF_8), properties, payload.getBytes(UTF_8));
    }

    private static byte[] publish(int qos, byte[] topic, byte[] properties, byte[] payload) {
        return packet(qos, topic, join(variable(properties.length), properties, payload));
    }

    private static byte[] packet(int qos, byte[] topic, byte[] rest) {
        byte[] body = join(text(topic), qos == 0 ? NOTHING : hex("1234"), rest);
        return join(new byte[] {(byte) (0x30 | qos << 1)}, variable(body.length), body);
    }

    private static byte[] property(int id, String... texts) {
        byte[] property = {(byte) id};
        for (String text : texts) {
            property = join(property, text(text.getBytes(UTF_8)));
        }
        return property;
    }

    private static byte[] text(byte[] utf8) {
        return join(new byte[] {(byte) (utf8.length >> 8), (byte) utf8.length}, utf8);
    }

    private static byte[] variable(int value) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        int left = value;
        for (; left > 127; left >>= 7) {
            out.write(left & 127 | 128);
        }
        out.write(left);
        return out.toByteArray();
    }

    private static byte[] join(byte[]... parts) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            out.writeBytes(part);
        }
        return out.toByteArray();
    }

    private static byte[] hex(String hex) {
        return HexFormat.of().parseHex(hex);
    }
}
