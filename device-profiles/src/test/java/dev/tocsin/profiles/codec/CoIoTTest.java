package dev.tocsin.profiles.codec;

import static dev.tocsin.profiles.codec.Messages.decoded;
import static dev.tocsin.profiles.codec.Messages.reading;
import static dev.tocsin.profiles.codec.Messages.refused;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tocsin.profiles.SharedData;
import dev.tocsin.profiles.codec.Decoding.Decoded;
import dev.tocsin.profiles.reading.Quality;
import dev.tocsin.profiles.reading.Reading;
import dev.tocsin.profiles.reading.Rejected.Reason;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CoIoTTest {
    private final MessageDecoder open = Messages.decoder(Registry.opened());

    private static Incoming status(String device, String body) {
        return new Incoming(
                Incoming.Transport.COIOT,
                device,
                -1,
                body.getBytes(StandardCharsets.UTF_8),
                Map.of(),
                Messages.NOW.toEpochMilli());
    }

    @Test
    void aStatusBecomesReadingsUnderTheMetricsOfTheDevicesType() {
        Decoded decoded = decoded(open.decode(status(
                "SHWT-1-EC64", "{\"G\":[[0,9103,0],[0,3101,21.25],[0,6106,1],[0,3111,86],[0,9102,[\"sensor\"]]]}")));
        assertThat(decoded.profile()).isEqualTo("shelly-flood");
        assertThat(decoded.readings()).extracting(Reading::device).containsOnly("SHWT-1-EC64");
        assertThat(reading(decoded, "flood").value()).isEqualTo(1);
        assertThat(reading(decoded, "temperature").value()).isEqualTo(21.25);
        assertThat(reading(decoded, "battery").value()).isEqualTo(86);
    }

    @Test
    void minusOneIsNoReadingAndNineNineNineAFaultOfTheSensor() {
        Decoded decoded = decoded(open.decode(status("SHSM-01-A1", "{\"G\":[[0,6105,-1],[0,3101,999],[0,3111,50]]}")));
        assertThat(decoded.readings()).extracting(Reading::metric).containsExactly("temperature", "battery");
        assertThat(reading(decoded, "temperature").quality()).isEqualTo(Quality.SENSOR_FAULT);
    }

    @Test
    void aTypeThatNoProfileClaimsIsRefusedByName() {
        assertThat(refused(open.decode(status("SHSW-25-A1", "{\"G\":[]}"))).reason())
                .isEqualTo(Reason.UNKNOWN_SOURCE);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{}",
                "[]",
                "{\"G\":{}}",
                "{\"G\":[1]}",
                "{\"G\":[[0,3101]]}",
                "{\"G\":[[0,\"x\",1]]}",
                "{\"G\":[[0,3101,1],[1,3101,2]]}",
                "G"
            })
    void aBodyThatIsNoStatusIsMalformed(String body) {
        assertThat(refused(open.decode(status("SHHT-1-CA969F", body))).reason()).isEqualTo(Reason.MALFORMED);
    }

    /** What the console of the device's maker showed for these captures stands in them as well. */
    @ParameterizedTest
    @CsvSource({
        "SHDW-2-483FDA825476, open, 0",
        "SHDW-2-483FDA825476, temperature, 22.7",
        "SHHT-1-CA969F, temperature, 26.25",
        "SHHT-1-CA969F, humidity, 55.5",
        "SHMOS-01-60A42386E566, battery, 45",
        "SHMOS-01-60A42386E566, illuminance, 4111",
        "SHWT-1-EC64C9C1DA9A, flood, 0",
        "SHWT-1-EC64C9C1DA9A, battery, 94"
    })
    void whatRealDevicesSentIsRead(String device, String metric, double value) throws Exception {
        String body =
                Files.readString(SharedData.path("device_payloads/shelly_captures/" + device + ".coap.cits.json"));
        Decoded decoded = decoded(open.decode(status(device, body)));
        assertThat(reading(decoded, metric).value()).isEqualTo(value);
        assertThat(decoded.refused()).isNull();
    }
}
