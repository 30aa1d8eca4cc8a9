package dev.tocsin.profiles.codec;

import static dev.tocsin.profiles.codec.Messages.NOW;
import static dev.tocsin.profiles.codec.Messages.coap;
import static dev.tocsin.profiles.codec.Messages.decoded;
import static dev.tocsin.profiles.codec.Messages.mqtt;
import static dev.tocsin.profiles.codec.Messages.reading;
import static dev.tocsin.profiles.codec.Messages.refused;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.dataformat.cbor.databind.CBORMapper;
import dev.tocsin.profiles.codec.Decoding.Decoded;
import dev.tocsin.profiles.codec.Decoding.Refused;
import dev.tocsin.profiles.profile.Profile;
import dev.tocsin.profiles.reading.Quality;
import dev.tocsin.profiles.reading.Rejected.Reason;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class SenMlTest {
    private final MessageDecoder decoder = Messages.decoder(Registry.opened());

    private Decoded hall(String pack) {
        return decoded(decoder.decode(mqtt("sensors/hall-3", pack)));
    }

    private Refused refusedHall(String pack) {
        return refused(decoder.decode(mqtt("sensors/hall-3", pack)));
    }

    @Test
    void aPackWithBaseFieldsBecomesReadingsOfTheDeviceInTheTopic() {
        Decoded decoded = hall(
                "[{\"bn\":\"hall-3/\",\"bt\":" + NOW.getEpochSecond()
                        + ",\"n\":\"temperature\",\"u\":\"Cel\",\"v\":21.5},{\"n\":\"humidity\",\"u\":\"%RH\",\"v\":40,\"t\":-2}]");
        assertThat(decoded.profile()).isEqualTo("senml-room");
        assertThat(decoded.enrolled()).isFalse();
        assertThat(decoded.refused()).isNull();
        assertThat(reading(decoded, "temperature").value()).isEqualTo(21.5);
        assertThat(reading(decoded, "temperature").device()).isEqualTo("hall-3");
        assertThat(reading(decoded, "humidity").observedAtMs()).isEqualTo(NOW.toEpochMilli() - 2000);
        assertThat(reading(decoded, "humidity").quality()).isEqualTo(Quality.GOOD);
    }

    @Test
    void aBaseValueIsAddedAndABaseUnitConverted() {
        Decoded decoded = hall("[{\"bu\":\"K\",\"bv\":273.15,\"n\":\"temperature\",\"v\":20},"
                + "{\"n\":\"co2\",\"u\":\"/100\",\"v\":-273.11}]");
        assertThat(reading(decoded, "temperature").value()).isCloseTo(20, within(1e-9));
        assertThat(reading(decoded, "co2").value()).isCloseTo(400, within(1e-6));
    }

    @Test
    void aRelativeTimeIsRelativeToTheReceptionAndNoTimeIsTheReception() {
        Decoded decoded = hall("[{\"n\":\"temperature\",\"v\":20,\"t\":-5},{\"n\":\"humidity\",\"v\":30}]");
        assertThat(reading(decoded, "temperature").observedAtMs()).isEqualTo(NOW.toEpochMilli() - 5000);
        assertThat(reading(decoded, "humidity").observedAtMs()).isEqualTo(NOW.toEpochMilli());
    }

    @Test
    void aTimeThatIsOldOrAheadGivesWayToTheReceptionAndSaysSo() {
        long now = NOW.getEpochSecond();
        for (long wrong : List.of(now - 301, now + 6, 1_000_000_000L)) {
            Decoded decoded = hall("[{\"n\":\"temperature\",\"v\":20,\"t\":" + wrong + "}]");
            assertThat(reading(decoded, "temperature").observedAtMs()).isEqualTo(NOW.toEpochMilli());
            assertThat(reading(decoded, "temperature").quality()).isEqualTo(Quality.CLOCK);
        }
        Decoded decoded = hall("[{\"n\":\"temperature\",\"v\":20,\"t\":" + (now + 4) + "}]");
        assertThat(reading(decoded, "temperature").quality()).isEqualTo(Quality.GOOD);
    }

    @Test
    void aReplayKeepsItsTimesAndIsMarked() {
        Decoded decoded = decoded(decoder.decode(mqtt(
                "sensors/x",
                "[{\"n\":\"temperature\",\"v\":20,\"t\":1300000000}]",
                Map.of(Incoming.REPLAY, "1", Incoming.PROFILE, "heat-en54-a1r"))));
        assertThat(decoded.replayed()).isTrue();
        assertThat(decoded.profile()).isEqualTo("heat-en54-a1r");
        assertThat(reading(decoded, "temperature").observedAtMs()).isEqualTo(1_300_000_000_000L);
        assertThat(reading(decoded, "temperature").quality()).isEqualTo(Quality.GOOD);
    }

    @Test
    void cborIsReadByItsContentFormatAndWithoutOne() throws Exception {
        byte[] cbor = new CBORMapper()
                .writeValueAsBytes(List.of(new java.util.TreeMap<>(Map.of("n", "temperature", "v", 22.25))));
        // The same with the integer labels of RFC 8428: [{0: "temperature", 2: 22.25}]
        byte[] labels = new byte[] {
            (byte) 0x81,
            (byte) 0xA2,
            0x00,
            0x6B,
            't',
            'e',
            'm',
            'p',
            'e',
            'r',
            'a',
            't',
            'u',
            'r',
            'e',
            0x02,
            (byte) 0xF9,
            0x4D,
            (byte) 0x90
        };
        for (byte[] payload : List.of(cbor, labels)) {
            for (int format : new int[] {112, -1}) {
                Decoded decoded = decoded(decoder.decode(coap("sensors/c1", format, payload)));
                assertThat(reading(decoded, "temperature").value()).isEqualTo(22.25);
            }
        }
    }

    @Test
    void coapTakesJsonUnderBothItsFormatsAndRefusesOthers() {
        byte[] pack = "[{\"n\":\"temperature\",\"v\":1}]".getBytes(StandardCharsets.UTF_8);
        assertThat(decoder.decode(coap("sensors/c1", 110, pack))).isInstanceOf(Decoded.class);
        assertThat(decoder.decode(coap("sensors/c1", 50, pack))).isInstanceOf(Decoded.class);
        assertThat(refused(decoder.decode(coap("sensors/c1", 0, pack))).detail())
                .contains("content format 0");
    }

    @Test
    void statesAreOneOrZeroAndRecogniseAContact() {
        Decoded decoded = hall("[{\"n\":\"open\",\"vb\":true},{\"n\":\"tamper\",\"vb\":false}]");
        assertThat(decoded.profile()).isEqualTo("senml-contact");
        assertThat(reading(decoded, "open").value()).isEqualTo(1);
        assertThat(reading(decoded, "tamper").value()).isZero();
    }

    @Test
    void whatCannotBeReadIsNamedWhileTheRestIsKept() {
        Decoded decoded = hall("[{\"n\":\"temperature\",\"v\":60},{\"n\":\"smoek\",\"v\":1},"
                + "{\"n\":\"humidity\",\"u\":\"%\",\"v\":1},{\"n\":\"co\",\"vs\":\"high\"}]");
        assertThat(decoded.readings()).hasSize(1);
        assertThat(decoded.refused().reason()).isEqualTo(Reason.INVALID_VALUE);
        assertThat(decoded.refused().detail())
                .contains("record 1: 'smoek'", "record 2: humidity", "write '/100' or '%RH'", "record 3: co");
    }

    @Test
    void malformedPacksAreRefusedWithThePlace() {
        assertThat(refusedHall("[{\"n\":\"temperature\",\"v\":\"hot\"}]").detail())
                .isEqualTo("record 0: v is not a number");
        assertThat(refusedHall("[{\"n\":\"temperature\",\"v\":1,\"vb\":true}]").detail())
                .contains("more than one value");
        assertThat(refusedHall("[{\"n\":\"temperature\",\"v\":1,\"x_\":1}]").detail())
                .contains("'x_'");
        assertThat(refusedHall("[{\"bver\":11,\"n\":\"temperature\",\"v\":1}]").detail())
                .contains("version 11");
        assertThat(refusedHall("[{\"n\":\"_t\",\"v\":1}]").detail()).contains("no name of SenML");
        assertThat(refusedHall("{}").detail()).contains("array of records");
        assertThat(refusedHall("[1]").detail()).isEqualTo("record 0 is not an object");
        assertThat(refusedHall("[{\"n\":\"temperature\",\"v\":1e999}]").reason())
                .isEqualTo(Reason.INVALID_VALUE);
        assertThat(refusedHall("").detail()).isEqualTo("the message is empty");
        assertThat(refusedHall("[{\"n\":\"temperature\",").detail()).startsWith("not JSON at line 1");
        assertThat(refusedHall("[".repeat(5000)).reason()).isEqualTo(Reason.MALFORMED);
    }

    @Test
    void messagesAreBounded() {
        String record = "{\"n\":\"temperature\",\"v\":1}";
        String thousand = IntStream.range(0, 1000).mapToObj(i -> record).collect(Collectors.joining(",", "[", "]"));
        String more = IntStream.range(0, 1001).mapToObj(i -> record).collect(Collectors.joining(",", "[", "]"));
        assertThat(hall(thousand).readings()).hasSize(1000);
        assertThat(refusedHall(more).reason()).isEqualTo(Reason.TOO_LARGE);
        assertThat(refusedHall(" ".repeat(64 * 1024 + 1)).reason()).isEqualTo(Reason.TOO_LARGE);
    }

    @Test
    void aConcentratorSpeaksForItsChildrenButNotForOthers() throws Exception {
        Profile concentrator = Profile.parse(
                Messages.CATALOG
                        .find("senml-room")
                        .toJson()
                        .replace("\"children\":false", "\"children\":true")
                        .replace("\"id\":\"senml-room\"", "\"id\":\"concentrator\""),
                "test");
        Registry registry = Registry.shut()
                .with("hub", "concentrator")
                .with("b", "senml-room")
                .with("a", "concentrator");
        MessageDecoder hub = new MessageDecoder(
                Messages.CATALOG.with(concentrator), registry, Clock.fixed(NOW, ZoneOffset.UTC), () -> true);
        Decoded decoded = decoded(hub.decode(mqtt(
                "sensors/hub",
                "[{\"n\":\"a/temperature\",\"v\":1},{\"n\":\"floor 1\",\"v\":1}]"
                        .replace("floor 1", "f1/r2/temperature")
                        .replace("}]", "},{\"n\":\"b/temperature\",\"v\":99},{\"n\":\"temperature\",\"v\":5}]"))));
        assertThat(decoded.readings().stream().map(reading -> reading.device()).toList())
                .containsExactly("a", DeviceIds.legal("f1/r2"), "hub");
        assertThat(decoded.refused().detail()).contains("record 2: b is enrolled as a senml-room");
    }
}
