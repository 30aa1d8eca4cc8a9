package dev.tocsin.agent.spool;

import java.nio.charset.StandardCharsets;

/**
 * 64 bits that stand for a message or a reading. Of a million of them two are equal by chance with a probability of
 * 3e-8.
 */
public final class Hash64 {
    private static final long PRIME = 0x100000001b3L;
    private static final long OFFSET = 0xcbf29ce484222325L;

    private Hash64() {}

    public static long of(String text, byte[] payload) {
        return of(of(OFFSET, text.getBytes(StandardCharsets.UTF_8)), payload);
    }

    /** Of an MQTT message: the upper half is of the topic alone, see {@link #topicOf}. */
    public static long ofMessage(String topic, byte[] payload) {
        long ofTopic = of(OFFSET, topic.getBytes(StandardCharsets.UTF_8));
        long hash = (ofTopic & 0xffffffff00000000L) | (of(ofTopic, payload) & 0xffffffffL);
        return hash == 0 ? 1 : hash;
    }

    public static int topicOf(long messageHash) {
        return (int) (messageHash >>> 32);
    }

    /** Of a reading: what makes two of them the same one. */
    static long of(String device, String metric, long observedAtMs, double value) {
        long hash = mix(device.hashCode() * PRIME + metric.hashCode());
        for (int i = 0; i < device.length(); i++) {
            hash = (hash ^ device.charAt(i)) * PRIME;
        }
        for (int i = 0; i < metric.length(); i++) {
            hash = (hash ^ metric.charAt(i)) * PRIME;
        }
        // Adding 0.0 makes -0.0 and 0.0 one value.
        return mix(mix(hash + observedAtMs) ^ Double.doubleToLongBits(value + 0.0));
    }

    private static long of(long seed, byte[] bytes) {
        long hash = seed;
        for (byte b : bytes) {
            hash = (hash ^ (b & 0xff)) * PRIME;
        }
        return mix(hash + bytes.length);
    }

    /** The finaliser of MurmurHash3. */
    static long mix(long hash) {
        long mixed = (hash ^ (hash >>> 33)) * 0xff51afd7ed558ccdL;
        mixed = (mixed ^ (mixed >>> 33)) * 0xc4ceb9fe1a85ec53L;
        mixed ^= mixed >>> 33;
        return mixed == 0 ? 1 : mixed;
    }
}
