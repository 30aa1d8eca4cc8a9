package dev.tocsin.standalone.broker;

import io.netty.handler.codec.mqtt.MqttProperties;
import io.netty.handler.codec.mqtt.MqttProperties.MqttProperty;
import io.netty.handler.codec.mqtt.MqttProperties.StringPair;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Text without control characters and without code points that are no characters. MQTT 5 (1.5.4) says that a packet
 * should not hold them and that who receives one may call it malformed. Paho does so by losing its receiving thread,
 * again with each redelivery: one such message would silence everybody who is subscribed to it. So would correlation
 * data of 32 KiB, the length of which Paho takes for a negative number.
 */
final class ReadableText {
    private static final int NONCHARACTERS_FROM = 0xFDD0;
    private static final int NONCHARACTERS_TO = 0xFDEF;
    /** The last two code points of each plane. */
    private static final int LAST_OF_PLANE = 0xFFFE;

    private ReadableText() {}

    static boolean is(@Nullable String text) {
        return text == null || text.codePoints().noneMatch(ReadableText::isUnreadable);
    }

    /** Whether everything in them can be read. */
    static boolean is(MqttProperties properties) {
        return properties.listAll().stream().allMatch(ReadableText::is);
    }

    private static boolean is(MqttProperty<?> property) {
        Object value = property.value();
        if (value instanceof List<?> pairs) {
            return pairs.stream().allMatch(pair -> pair instanceof StringPair one && is(one.key) && is(one.value));
        }
        if (value instanceof byte[] data) {
            return data.length <= Short.MAX_VALUE;
        }
        return !(value instanceof String text) || is(text);
    }

    /** What cannot be read as question marks. */
    static String shown(String text) {
        StringBuilder shown = new StringBuilder();
        text.codePoints().forEach(codePoint -> shown.appendCodePoint(isUnreadable(codePoint) ? '?' : codePoint));
        return shown.toString();
    }

    private static boolean isUnreadable(int codePoint) {
        return Character.isISOControl(codePoint)
                || codePoint >= Character.MIN_SURROGATE && codePoint <= Character.MAX_SURROGATE
                || codePoint >= NONCHARACTERS_FROM && codePoint <= NONCHARACTERS_TO
                || (codePoint & LAST_OF_PLANE) == LAST_OF_PLANE;
    }
}
