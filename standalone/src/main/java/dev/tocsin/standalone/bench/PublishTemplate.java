package dev.tocsin.standalone.bench;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * One sensor's message, made once: packet id, times and values are written over the same places each time. No two of its
 * messages are equal. For one thread.
 */
final class PublishTemplate {
    private static final long BETWEEN_READINGS_MS = 10;
    private static final int VALUE_DIGITS = 7;
    private static final long DIFFERENT_VALUES = 10_000_000;
    private static final String RECORD = "{\"n\":\"temperature\",\"u\":\"Cel\",\"v\":20.0000000,\"t\":0000000000.000}";
    private static final int VALUE_AT = RECORD.indexOf("20.0000000") + 3;
    private static final int TIME_AT = RECORD.indexOf("0000000000.000");

    private final byte[] packet;
    private final int packetIdAt;
    private final int recordsAt;
    private final int readings;
    private int packetId;
    private long sent;

    /** @param readings 1, or so many a message, 10 ms apart */
    PublishTemplate(String topic, String profile, int readings) {
        String payload = "[" + RECORD + ("," + RECORD).repeat(readings - 1) + "]";
        packet = RawMqtt.publish(topic, profile, payload.getBytes(StandardCharsets.US_ASCII));
        packetIdAt = RawMqtt.packetIdAt(packet, topic);
        recordsAt = packet.length - payload.length() + 1;
        this.readings = readings;
    }

    int size() {
        return packet.length;
    }

    void next(ByteBuffer to) {
        packetId = packetId % 65_535 + 1;
        packet[packetIdAt] = (byte) (packetId >> 8);
        packet[packetIdAt + 1] = (byte) packetId;
        long nowMs = System.currentTimeMillis();
        for (int i = 0; i < readings; i++) {
            int at = recordsAt + i * (RECORD.length() + 1);
            digits(at + VALUE_AT, VALUE_DIGITS, sent++ % DIFFERENT_VALUES);
            long timeMs = nowMs - (readings - 1 - i) * BETWEEN_READINGS_MS;
            digits(at + TIME_AT, 10, timeMs / 1000);
            digits(at + TIME_AT + 11, 3, timeMs % 1000);
        }
        to.put(packet);
    }

    private void digits(int at, int count, long number) {
        long left = number;
        for (int i = at + count - 1; i >= at; i--) {
            packet[i] = (byte) ('0' + left % 10);
            left /= 10;
        }
    }
}
