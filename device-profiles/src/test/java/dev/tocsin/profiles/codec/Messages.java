package dev.tocsin.profiles.codec;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tocsin.profiles.codec.Decoding.Decoded;
import dev.tocsin.profiles.codec.Decoding.Refused;
import dev.tocsin.profiles.profile.ProfileCatalog;
import dev.tocsin.profiles.reading.Reading;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Map;

/** Messages of the tests, and what came of them. */
final class Messages {
    static final Instant NOW = Instant.parse("2024-01-10T18:43:00Z");
    static final ProfileCatalog CATALOG = ProfileCatalog.builtIn();

    private Messages() {}

    static MessageDecoder decoder(DeviceDirectory directory) {
        return new MessageDecoder(CATALOG, directory, Clock.fixed(NOW, ZoneOffset.UTC), () -> true);
    }

    static Incoming mqtt(String topic, String payload) {
        return mqtt(topic, payload, Map.of());
    }

    static Incoming mqtt(String topic, String payload, Map<String, String> properties) {
        return new Incoming(
                Incoming.Transport.MQTT,
                topic,
                -1,
                payload.getBytes(StandardCharsets.UTF_8),
                properties,
                NOW.toEpochMilli());
    }

    static Incoming coap(String path, int format, byte[] payload) {
        return new Incoming(Incoming.Transport.COAP, path, format, payload, Map.of(), NOW.toEpochMilli());
    }

    static Decoded decoded(Decoding decoding) {
        assertThat(decoding).isInstanceOf(Decoded.class);
        return (Decoded) decoding;
    }

    static Refused refused(Decoding decoding) {
        assertThat(decoding).isInstanceOf(Refused.class);
        return (Refused) decoding;
    }

    static Reading reading(Decoded decoded, String metric) {
        return decoded.readings().stream()
                .filter(reading -> reading.metric().equals(metric))
                .findFirst()
                .orElseThrow(() -> new AssertionError("no " + metric + " in " + decoded));
    }
}
