package dev.tocsin.profiles.codec;

import static dev.tocsin.profiles.codec.Messages.decoded;
import static dev.tocsin.profiles.codec.Messages.refused;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tocsin.profiles.profile.Profile;
import dev.tocsin.profiles.profile.ProfileCatalog;
import dev.tocsin.profiles.profile.ProfileException;
import dev.tocsin.profiles.reading.Reading;
import dev.tocsin.profiles.reading.Rejected.Reason;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What devices answer that are CoAP servers. */
class CoapQuestionTest {
    private static final String BOILER = """
            id: boiler
            version: 1
            name: {en: Boiler, zh: 锅炉}
            category: heat
            sources:
              coap-client:
                - {path: sensors/temperature, observe: true, every: 30s}
                - {path: state, every: 5m}
            codec:
              type: json
              fields:
                - {metric: temperature, path: /temperature}
                - {metric: burning, path: /burner, words: {"lit": 1, "out": 0}}
            metrics:
              temperature: {unit: Cel, label: {en: Temperature, zh: 温度}, min: -40, max: 400}
              burning: {unit: "", label: {en: Burning, zh: 燃烧}, min: 0, max: 1}
            """;

    private static Incoming answer(String address, int format, String body) {
        return new Incoming(
                Incoming.Transport.COAP_CLIENT,
                address,
                format,
                body.getBytes(StandardCharsets.UTF_8),
                Map.of(),
                Messages.NOW.toEpochMilli());
    }

    private static Decoding decode(Incoming incoming) throws ProfileException {
        return new MessageDecoder(
                        ProfileCatalog.of(List.of(Profile.parse(BOILER, "boiler.yaml"))),
                        Registry.shut().with("boiler-1", "boiler"),
                        Clock.fixed(Messages.NOW, ZoneOffset.UTC),
                        () -> true)
                .decode(incoming);
    }

    @Test
    void aBareValueIsReadUnderTheLastLevelOfThePathAlsoAsText() throws Exception {
        for (int format : new int[] {0, 50, -1}) {
            assertThat(decoded(decode(answer("boiler-1/sensors/temperature", format, "71.5")))
                            .readings())
                    .singleElement()
                    .satisfies(reading -> {
                        assertThat(reading.device()).isEqualTo("boiler-1");
                        assertThat(reading.value()).isEqualTo(71.5);
                    });
        }
    }

    @Test
    void anObjectAndSenMlAreReadAsFromAnybody() throws Exception {
        assertThat(decoded(decode(answer("boiler-1/state", 50, "{\"burner\":\"lit\",\"temperature\":20}")))
                        .readings())
                .extracting(Reading::value)
                .containsExactly(20.0, 1.0);
        assertThat(decoded(decode(answer("boiler-1/state", 110, "[{\"n\":\"temperature\",\"v\":19}]")))
                        .readings())
                .extracting(Reading::value)
                .containsExactly(19.0);
    }

    @Test
    void aPathThatTheProfileDoesNotAskForIsNobodys() throws Exception {
        assertThat(refused(decode(answer("boiler-1/other", 50, "1"))).reason()).isEqualTo(Reason.UNKNOWN_SOURCE);
        assertThat(refused(decode(answer("sensors/boiler-1", 50, "1"))).reason())
                .isEqualTo(Reason.UNKNOWN_SOURCE);
    }

    @Test
    void theProfileIsWrittenAndReadBackWithItsQuestions() throws Exception {
        Profile profile = Profile.parse(BOILER, "boiler.yaml");
        assertThat(Profile.parse(profile.toJson(), "again")).isEqualTo(profile);
        assertThat(profile.isOfCoapOnly()).isTrue();
    }

    @Test
    void everyWrongQuestionIsNamedWithItsPlace() {
        String wrong = BOILER.replace("path: state, every: 5m", "path: /state, every: 5m")
                .replace("every: 30s", "every: 10ms");
        assertThatThrownBy(() -> Profile.parse(wrong, "boiler.yaml"))
                .hasMessageContaining("/sources/coap-client/0: every must be 1s to 1d")
                .hasMessageContaining("/sources/coap-client/1: '/state' is no path");
    }
}
