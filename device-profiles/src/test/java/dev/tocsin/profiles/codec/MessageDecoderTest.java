package dev.tocsin.profiles.codec;

import static dev.tocsin.profiles.codec.Messages.CATALOG;
import static dev.tocsin.profiles.codec.Messages.NOW;
import static dev.tocsin.profiles.codec.Messages.decoded;
import static dev.tocsin.profiles.codec.Messages.mqtt;
import static dev.tocsin.profiles.codec.Messages.reading;
import static dev.tocsin.profiles.codec.Messages.refused;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.tocsin.profiles.SharedData;
import dev.tocsin.profiles.codec.Decoding.Decoded;
import dev.tocsin.profiles.codec.Decoding.Refused;
import dev.tocsin.profiles.reading.Quality;
import dev.tocsin.profiles.reading.Reading;
import dev.tocsin.profiles.reading.Rejected.Reason;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class MessageDecoderTest {
    private final MessageDecoder open = Messages.decoder(Registry.opened());

    @Test
    void anUnregisteredSmokeDetectorIsRecognisedByWhatItSends() {
        Decoded decoded = decoded(open.decode(mqtt("zigbee2mqtt/Kitchen smoke", "{\"smoke\":true,\"battery\":97}")));
        assertThat(decoded.profile()).isEqualTo("zigbee2mqtt-smoke");
        assertThat(decoded.enrolled()).isFalse();
        assertThat(reading(decoded, "smoke").value()).isEqualTo(1);
        assertThat(reading(decoded, "smoke").device()).matches("Kitchen-smoke\\.[0-9a-f]{8}");
        assertThat(reading(decoded, "smoke").quality()).isEqualTo(Quality.GOOD);
    }

    @Test
    void theRegistryDecidesWhichProfileReadsASharedTopic() {
        MessageDecoder decoder = Messages.decoder(Registry.shut().with("cell", "zigbee2mqtt-motion"));
        Decoded decoded = decoded(decoder.decode(mqtt(
                "zigbee2mqtt/cell", "{\"smoke\":true,\"occupancy\":true}", Map.of(Incoming.PROFILE, "senml-room"))));
        assertThat(decoded.profile()).isEqualTo("zigbee2mqtt-motion");
        assertThat(decoded.enrolled()).isTrue();
        assertThat(decoded.readings()).extracting("metric").containsExactly("motion");
    }

    @Test
    void closedEnrolmentRefusesWhomItDoesNotKnowAndSaysWhatTheyAre() {
        Refused refused = refused(Messages.decoder(Registry.shut())
                .decode(mqtt("zigbee2mqtt/new", "{\"water_leak\":true}", Map.of(Incoming.PROFILE, "senml-room"))));
        assertThat(refused.reason()).isEqualTo(Reason.NOT_ENROLLED);
        assertThat(refused.device()).isEqualTo("new");
        assertThat(refused.profile()).isEqualTo("zigbee2mqtt-leak");
    }

    @Test
    void whatNobodyClaimsRecognisesOrHasIsRefusedByItsReason() {
        assertThat(refused(open.decode(mqtt("nowhere/x", "{}"))).reason()).isEqualTo(Reason.UNKNOWN_SOURCE);
        Refused unknown = refused(open.decode(mqtt("zigbee2mqtt/plug", "{\"power\":5}")));
        assertThat(unknown.reason()).isEqualTo(Reason.UNKNOWN_PROFILE);
        assertThat(unknown.detail()).contains("plug is not enrolled", "zigbee2mqtt-smoke");
        assertThat(refused(open.decode(mqtt("sensors/x", "[]", Map.of(Incoming.PROFILE, "none"))))
                        .reason())
                .isEqualTo(Reason.UNKNOWN_PROFILE);
        MessageDecoder moved = Messages.decoder(Registry.opened().with("x", "zigbee2mqtt-smoke"));
        assertThat(refused(moved.decode(mqtt("x/events/rpc", "{}"))).reason()).isEqualTo(Reason.UNKNOWN_SOURCE);
    }

    @Test
    void aDetectorThatAlsoMeasuresTheClimateIsADetector() {
        String climate = ",\"temperature\":24,\"humidity\":40}";
        assertThat(decoded(open.decode(mqtt("zigbee2mqtt/k", "{\"smoke\":true" + climate)))
                        .profile())
                .isEqualTo("zigbee2mqtt-smoke");
        assertThat(decoded(open.decode(mqtt("zigbee2mqtt/k", "{\"smoke\":true,\"carbon_monoxide\":false" + climate)))
                        .profile())
                .isEqualTo("zigbee2mqtt-smoke-co");
        assertThat(decoded(open.decode(mqtt("zigbee2mqtt/d", "{\"contact\":false" + climate)))
                        .profile())
                .isEqualTo("zigbee2mqtt-contact");
    }

    @Test
    void whatADeviceThatIsNotEnrolledSaysIsToldBesideTheRefusal() {
        Refused refused =
                refused(Messages.decoder(Registry.shut()).decode(mqtt("zigbee2mqtt/new", "{\"smoke\":true}")));
        assertThat(refused.unheard().profile()).isEqualTo("zigbee2mqtt-smoke");
        assertThat(reading(refused.unheard(), "smoke").value()).isEqualTo(1);
        Decoded bridge = decoded(Messages.decoder(Registry.shut().with("0x01", "tasmota-zigbee"))
                .decode(mqtt("tele/b/SENSOR", "{\"ZbReceived\":{\"0x01\":{\"Contact\":1},\"0x02\":{\"Contact\":1}}}")));
        assertThat(bridge.refused().unheard().readings()).extracting("device").containsExactly("0x02");
    }

    @Test
    void aReplayIsTakenOnlyWhileEnrolmentIsOpen() {
        Map<String, String> replay = Map.of(Incoming.REPLAY, "1");
        assertThat(decoded(open.decode(mqtt("zigbee2mqtt/k", "{\"smoke\":true}", replay)))
                        .replayed())
                .isTrue();
        Refused refused = refused(Messages.decoder(Registry.shut().with("k", "zigbee2mqtt-smoke"))
                .decode(mqtt("zigbee2mqtt/k", "{\"smoke\":true}", replay)));
        assertThat(refused.detail()).contains("replay");
        assertThat(refused.unheard()).isNull();
    }

    @Test
    void aGatewayThatDoesNotKnowTheTimeBelievesItsDevicesAndMarksTheRest() {
        MessageDecoder unset = new MessageDecoder(
                CATALOG, Registry.opened(), Clock.fixed(Instant.ofEpochMilli(60_000), ZoneOffset.UTC), () -> false);
        String pack = "[{\"bt\":%s,\"n\":\"temperature\",\"u\":\"Cel\",\"v\":20}]";
        Reading told = decodedAt(unset, 60_000, pack.formatted("1780272000"));
        assertThat(told.observedAtMs()).isEqualTo(1_780_272_000_000L);
        assertThat(told.quality()).isEqualTo(Quality.GOOD);
        Reading untold = decodedAt(unset, 60_000, pack.formatted("0"));
        assertThat(untold.observedAtMs()).isEqualTo(60_000);
        assertThat(untold.quality()).isEqualTo(Quality.CLOCK);
        assertThat(decodedAt(unset, 60_000, pack.formatted("300000000")).quality())
                .isEqualTo(Quality.CLOCK);
    }

    private static Reading decodedAt(MessageDecoder decoder, long receivedAtMs, String pack) {
        byte[] payload = pack.getBytes(StandardCharsets.UTF_8);
        return decoded(decoder.decode(
                        new Incoming(Incoming.Transport.MQTT, "sensors/r1", -1, payload, Map.of(), receivedAtMs)))
                .readings()
                .get(0);
    }

    @Test
    void aStateMayBeWrittenAsText() {
        for (String state : new String[] {"\"true\"", "\"ON\"", "true", "1"}) {
            Decoded decoded = decoded(open.decode(mqtt("zigbee2mqtt/k", "{\"smoke\":" + state + "}")));
            assertThat(decoded.refused()).isNull();
            assertThat(reading(decoded, "smoke").value()).isEqualTo(1);
        }
        Decoded door = decoded(open.decode(mqtt("zigbee2mqtt/d", "{\"contact\":\"false\",\"battery\":\"on\"}")));
        assertThat(reading(door, "open").value()).isEqualTo(1);
        assertThat(door.refused().detail()).contains("/battery");
    }

    @Test
    void aLowBatteryIsSeenWhateverTheSensorIs() {
        for (String kind : new String[] {"contact", "occupancy", "water_leak", "gas", "vibration", "smoke"}) {
            Decoded decoded =
                    decoded(open.decode(mqtt("zigbee2mqtt/s", "{\"" + kind + "\":false,\"battery_low\":true}")));
            assertThat(reading(decoded, "battery-low").value()).isEqualTo(1);
            assertThat(CATALOG.find(decoded.profile()).rules())
                    .anyMatch(rule -> rule.metric().equals("battery-low"));
        }
    }

    @Test
    void namesThatAreNoIdsStayApart() {
        assertThat(DeviceIds.legal("Hall-1")).isEqualTo("Hall-1");
        assertThat(DeviceIds.legal("Hall 1"))
                .isNotEqualTo(DeviceIds.legal("Hall_1 "))
                .startsWith("Hall-1.");
        assertThat(DeviceIds.legal("客厅烟感")).matches("----\\.[0-9a-f]{8}");
        assertThat(DeviceIds.legal("x".repeat(300))).hasSize(64);
    }

    @Test
    void textsCommasAndWordsBecomeNumbersAndOddOnesAreNamed() {
        MessageDecoder decoder = Messages.decoder(Registry.opened());
        Decoded decoded = decoded(decoder.decode(mqtt(
                "zigbee2mqtt/t",
                "{\"temperature\":\"21,5\",\"humidity\":\" 40.25 \",\"pressure\":\"NaN\",\"battery\":\"low\"}")));
        assertThat(reading(decoded, "temperature").value()).isEqualTo(21.5);
        assertThat(reading(decoded, "humidity").value()).isEqualTo(40.25);
        assertThat(reading(decoded, "battery").value()).isEqualTo(5);
        assertThat(decoded.refused().detail()).contains("/pressure is 'NaN'");
    }

    @Test
    void bareValuesOfShellyGen1AreReadByTheirTopicAndItsFaultCodesAreNoValues() {
        String topic = "shellies/shellyflood-EC64C9C1DA9A/sensor/";
        Decoded flood = decoded(open.decode(mqtt(topic + "flood", "true")));
        assertThat(flood.profile()).isEqualTo("shelly-flood");
        assertThat(reading(flood, "flood").device()).isEqualTo("shellyflood-EC64C9C1DA9A");
        assertThat(reading(flood, "flood").value()).isEqualTo(1);
        Decoded broken = decoded(open.decode(mqtt(topic + "temperature", "999")));
        assertThat(reading(broken, "temperature").quality()).isEqualTo(Quality.SENSOR_FAULT);
        assertThat(decoded(open.decode(mqtt(topic + "battery", "-1"))).readings())
                .isEmpty();
        assertThat(decoded(open.decode(mqtt("shellies/shellyht-CA969F/sensor/humidity", "62.5")))
                        .readings())
                .extracting("value")
                .containsExactly(62.5);
    }

    @Test
    void aPinReachesNeitherReadingNorSentenceNorRawBytes() {
        for (String payload : new String[] {
            "{\"lock_state\":\"locked\",\"pin_code\":\"4711\"}",
            "{\"pin_code\" : {\"user\":1,\"pin_code\":\"4711\"},\"lock_state\":\"jam 1\"}",
            "{\"lock_state\":\"locked\",\"users\":{\"1\":[4711,\"}\"]},\"pin_code\":\"4711",
            "{\"lock_state\":\"locked\",\"pin_code\":4711 4711}"
        }) {
            Incoming message = mqtt("zigbee2mqtt/lock", payload);
            assertThat(open.decode(message).toString()).doesNotContain("4711");
            String masked = new String(open.withoutSecrets(message), StandardCharsets.UTF_8);
            assertThat(masked).doesNotContain("4711");
            if (payload.endsWith("}") && !payload.contains("4711 ")) {
                assertThat(masked).contains("***", "lock_state");
            } else {
                assertThat(masked).as("what cannot be read is not kept").isEmpty();
            }
        }
    }

    @Test
    void capturedMessagesSayWhatTheyMeant() throws Exception {
        ObjectMapper json = new ObjectMapper();
        Map<String, Decoded> byTopic = new HashMap<>();
        for (String line : SharedData.lines(SharedData.path("device_payloads/mqtt_captures/captures.jsonl"))) {
            JsonNode capture = json.readTree(line);
            String topic = capture.get("topic").asText();
            byTopic.put(
                    topic,
                    decoded(open.decode(mqtt(topic, capture.get("payload").asText()))));
        }
        Decoded leak = byTopic.get("zigbee2mqtt/BAD_LEAK01");
        assertThat(reading(leak, "water-leak").value()).isEqualTo(1);
        assertThat(reading(leak, "water-leak").observedAtMs()).isEqualTo(NOW.toEpochMilli() - 12_000);
        assertThat(reading(leak, "battery").value()).isEqualTo(100);
        assertThat(reading(leak, "tamper").value()).isZero();
        assertThat(reading(byTopic.get("zigbee2mqtt/EG_GRID01"), "vibration").value())
                .isEqualTo(1);
        assertThat(reading(byTopic.get("zigbee2mqtt/SZ_WINDOW01"), "open").value())
                .isEqualTo(1);
        assertThat(reading(byTopic.get("zigbee2mqtt/AZ_MOTION01"), "motion").value())
                .isEqualTo(1);
        assertThat(reading(byTopic.get("zigbee2mqtt/AZ_MOTION01"), "motion").quality())
                .isEqualTo(Quality.CLOCK);
        assertThat(reading(byTopic.get("zigbee2mqtt/AZ_TEMP"), "temperature").value())
                .isEqualTo(20.76);
        assertThat(reading(byTopic.get("zigbee2mqtt/AZ_TEMP"), "pressure").value())
                .isEqualTo(1008.8);
        Decoded shelly = byTopic.get("shellyplussmoke-80646fd09ed4/events/rpc");
        assertThat(reading(shelly, "smoke").value()).isZero();
        assertThat(reading(shelly, "battery").value()).isEqualTo(97);
        assertThat(reading(shelly, "battery-voltage").value()).isEqualTo(2.99);
        assertThat(reading(shelly, "signal").value()).isEqualTo(-20);
        assertThat(reading(shelly, "smoke").quality()).isEqualTo(Quality.CLOCK);
        assertThat(reading(shelly, "smoke").observedAtMs()).isEqualTo(NOW.toEpochMilli());
        Decoded door = byTopic.get("tele/SonoffZB/SENSOR");
        assertThat(reading(door, "open").device()).isEqualTo("0x662E");
        assertThat(reading(door, "open").value()).isZero();
    }

    @Test
    void aBridgeIsAskedDeviceByDevice() {
        MessageDecoder decoder = Messages.decoder(Registry.shut().with("0x01", "tasmota-zigbee"));
        Decoded decoded = decoded(decoder.decode(
                mqtt("tele/b/SENSOR", "{\"ZbReceived\":{\"0x01\":{\"Contact\":1},\"0x02\":{\"Contact\":1}}}")));
        assertThat(decoded.readings()).extracting("device").containsExactly("0x01");
        assertThat(decoded.refused().reason()).isEqualTo(Reason.NOT_ENROLLED);
        assertThat(decoded(decoder.decode(mqtt("tele/b/SENSOR", "{\"Time\":\"2024-01-10T18:00:00\"}")))
                        .readings())
                .isEmpty();
    }

    @Test
    void aBoardNamesItselfInTheMessage() {
        Decoded decoded = decoded(open.decode(mqtt(
                "iot-device-data",
                "{\"data\":{\"lpg\":0.01,\"temp\":19.5,\"motion\":false},\"device_id\":\"0e:9c:00\",\"ts\":"
                        + NOW.getEpochSecond() + ".5}")));
        assertThat(reading(decoded, "temp").device()).isEqualTo("0e:9c:00");
        assertThat(reading(decoded, "temp").observedAtMs()).isEqualTo(NOW.toEpochMilli() + 500);
        assertThat(refused(open.decode(mqtt("iot-device-data", "{\"data\":{}}")))
                        .detail())
                .contains("names a device");
    }

    @Test
    void noMutationOfAMessageEverThrows() {
        Map<String, String> seeds = Map.of(
                "sensors/a",
                "[{\"bn\":\"a/\",\"bt\":1704912180,\"bu\":\"Cel\",\"n\":\"temperature\",\"v\":21.5},{\"n\":\"open\",\"vb\":true}]",
                "zigbee2mqtt/b",
                "{\"smoke\":true,\"battery\":\"97,5\",\"last_seen\":\"2024-01-10T18:42:48+00:00\"}",
                "x/events/rpc",
                "{\"params\":{\"ts\":1.33,\"smoke:0\":{\"id\":0,\"alarm\":false}}}",
                "tele/b/SENSOR",
                "{\"ZbReceived\":{\"0x662E\":{\"Contact\":0,\"LinkQuality\":157}}}",
                "iot-device-data",
                "{\"data\":{\"co\":0.1,\"lpg\":0.2,\"temp\":18.9},\"device_id\":\"0e:9c\",\"ts\":1594598424.5}",
                "shellies/shellyht-1/sensor/temperature",
                "21.5");
        Random random = new Random(7);
        int refused = 0;
        for (Map.Entry<String, String> seed : seeds.entrySet()) {
            for (int round = 0; round < 5_000; round++) {
                byte[] bytes = mutated(seed.getValue().getBytes(StandardCharsets.UTF_8), random);
                int format = new int[] {-1, -1, 50, 110, 112}[random.nextInt(5)];
                Incoming message = new Incoming(
                        Incoming.Transport.MQTT, seed.getKey(), format, bytes, Map.of(), NOW.toEpochMilli());
                Decoding decoding = open.decode(message);
                open.withoutSecrets(message);
                if (decoding instanceof Refused why) {
                    assertThat(why.detail()).isNotBlank();
                    refused++;
                }
            }
        }
        assertThat(refused).isBetween(5_000, 29_000);
    }

    private static byte[] mutated(byte[] bytes, Random random) {
        byte[] mutated = bytes.clone();
        for (int i = random.nextInt(4); i >= 0; i--) {
            int at = random.nextInt(mutated.length);
            switch (random.nextInt(5)) {
                case 0 -> mutated[at] = (byte) random.nextInt(256);
                case 1 -> mutated[at] ^= (byte) (1 << random.nextInt(8));
                case 2 -> mutated = java.util.Arrays.copyOf(mutated, Math.max(1, at));
                case 3 ->
                    System.arraycopy(
                            mutated, at, mutated, at / 2, Math.min(mutated.length - at, mutated.length - at / 2));
                default -> mutated[at] = (byte) "{}[]\",:.-e019".charAt(random.nextInt(13));
            }
        }
        return mutated;
    }
}
