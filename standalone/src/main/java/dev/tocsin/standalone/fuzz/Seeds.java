package dev.tocsin.standalone.fuzz;

import dev.tocsin.profiles.profile.Profile;
import dev.tocsin.profiles.profile.ProfileCatalog;
import dev.tocsin.profiles.reading.DeviceReadings;
import dev.tocsin.profiles.reading.Quality;
import dev.tocsin.profiles.reading.Reading;
import dev.tocsin.profiles.wire.Sequences;
import dev.tocsin.profiles.wire.UplinkCodec;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.List;

/** Good input of each decoder, from which an attack departs. */
final class Seeds {
    private static final long AT_MS = 1_795_687_200_000L;

    private Seeds() {}

    static List<byte[]> of(Decoder decoder) {
        return switch (decoder) {
            case SENML_JSON -> texts("""
                    [{"bn":"urn:dev:mac:0024befffe804ff1/","bt":1795687190,"bver":10,"n":"temperature","u":"Cel","v":21.5},
                    {"n":"motion","vb":true,"t":-3},{"n":"state","vs":"ok"},{"n":"humidity","u":"%RH","v":40,"ut":60}]""");
            case SENML_CBOR ->
                List.of(
                        // [{"n": "temperature", "u": "Cel", "v": 21.5, "t": -3}, {"n": "motion", "vb": true}]
                        HexFormat.of()
                                .parseHex("82a4006b74656d7065726174757265016343656c02f94d60062"
                                        + "2a200666d6f74696f6e04f5"));
            case COAP_MESSAGE ->
                List.of(
                        // CON POST /sensors/d1?a, content format 110, block 1, a token of one byte.
                        HexFormat.of().parseHex("410212347fb773656e736f7273026431116e3161d10e08ff5b5d"),
                        // NON 0.30 /cit/s of a Shelly, with its name, how long it holds, and its serial.
                        HexFormat.of()
                                .parseHex("501e0001b36369740173ed0bec02534848542d31234341393639462332"
                                        + "d243012c8105ff7b2247223a5b5d7d"));
            case MAKERS_JSON ->
                texts(
                        "\u0000{\"smoke\":true,\"battery\":93,\"linkquality\":102,\"tamper\":false}",
                        "\u0001{\"ZbReceived\":{\"0x2C41\":{\"Device\":\"0x2C41\",\"Name\":\"hall\",\"Contact\":1}}}",
                        "\u0002{\"src\":\"x\",\"method\":\"NotifyStatus\",\"params\":{\"ts\":1.33,\"smoke:0\":{\"alarm\":true}}}",
                        "\u0003{\"device_id\":\"b827\",\"ts\":1795687190.5,\"data\":{\"lpg\":0.007,\"smoke\":0.02,\"temp\":19.7}}",
                        "\u000421.5");
            case COIOT ->
                texts("{\"G\":[[0,9103,0],[0,3101,21.5],[0,6106,1],[0,3115,0],[0,3111,86],[0,9102,[\"sensor\"]]]}");
            case UPLINK_BATCH -> List.of(batch());
            case ALERT -> texts("""
                    {"id":"a1","revision":1795687200000,"state":"ACTIVE","rule":"heat-en54-a1r/fixed","ruleVersion":3,
                    "kind":"ALARM","severity":"CRITICAL","gateway":"g1","device":"h1",
                    "place":{"areas":["d1","t1"],"name":"hall"},"metric":"temperature","value":71.5,"unit":"Cel",
                    "onset":"2026-11-26T10:00:00Z","updated":"2026-11-26T10:00:01Z","late":false,"drill":false,
                    "evidence":{"limit":57,"readings":[{"at":"2026-11-26T10:00:00Z","value":71.5,"quality":"GOOD"}]}}""");
            case GATEWAY_JSON -> texts("""
                    \u0000{"gateway":"g1","version":7,"enrolment":"OPEN","place":{"areas":["d1"],"name":"x"},"devices":[
                    {"id":"d","profile":"senml-room","name":"n","place":{"areas":["d1"],"name":"x"}}]}""", """
                    \u0001{"gateway":"g1","online":true,"since":"2026-11-26T10:00:00Z","agentVersion":"0.1.0",
                    "epoch":"e1","registryVersion":7,"clockKnown":true}""", """
                    \u0002{"gateway":"g1","device":"d","profile":"p","accepted":true,"at":"2026-11-26T10:00:00Z"}""", """
                    \u0003{"gateway":"g1","number":5,"sent":"2026-11-26T10:00:00Z","passed":"2026-11-26T10:00:00Z"}""", """
                    \u0004{"version":3,"areas":[{"id":"d1","name":{"en":"North","zh":"北"}}]}""", """
                    \u0005{"id":"c1","kind":"SILENCE","issued":"2026-11-26T10:00:00Z","deadline":"2026-11-26T10:01:00Z",
                    "arguments":{"minutes":"5"}}""", """
                    \u0006{"command":"c1","result":"DONE","text":{"en":"a","zh":"b"},"data":{"x":"y"},
                    "received":"2026-11-26T10:00:00Z","at":"2026-11-26T10:00:01Z"}""", """
                    \u0007{"order":1,"gateway":"g1","version":"1.2.0","url":"/api/v1/agent-bundles/1.2.0","size":1000,
                    "sha256":"%s"}""".formatted("ab".repeat(32)));
            case GATEWAY_SETTINGS -> texts("""
                    log-level: info
                    outputs:
                      - name: siren
                        mqtt: {topic: outputs/gateway-1/siren, on: "ON", off: "OFF"}
                      - name: smoke-vents
                        coap: {uri: "coap://10.0.0.5/relay/1", method: put, on: "1", off: "0"}
                        when: {kinds: [alarm], devices: [hall-3, hall-4]}
                        silenceable: false
                    device-addresses:
                      horn-2: coap://10.0.0.7:5683
                    """);
            case PROFILE ->
                ProfileCatalog.builtIn().all().stream()
                        .map(Profile::toJson)
                        .map(json -> json.getBytes(StandardCharsets.UTF_8))
                        .toList();
            case RULE_SET -> texts("""
                    id: cold-store
                    version: 1000007
                    scope: {areas: [grid-7], profiles: [senml-room]}
                    changes:
                      - {rule: senml-room/heat, when: {above: 40, clear: 35}, on-delay: 20s}
                      - {rule: "*/battery", enabled: false}
                    add:
                      - id: too-warm
                        metric: temperature
                        unit: Cel
                        when: {above: -15}
                        on-delay: 10m
                        kind: supervisory
                        severity: major
                        name: {en: Freezer too warm, zh: 冷库温度过高}
                    """);
        };
    }

    private static List<byte[]> texts(String... texts) {
        return List.of(texts).stream()
                .map(text -> text.getBytes(StandardCharsets.UTF_8))
                .toList();
    }

    private static byte[] batch() {
        List<Reading> readings = List.of(
                new Reading("d1", "temperature", 21.5, AT_MS - 10, AT_MS, Quality.GOOD),
                new Reading("d1", "humidity", 40, AT_MS - 10, AT_MS, Quality.GOOD));
        DeviceReadings group = DeviceReadings.of("d1", "senml-room", false, 42, readings);
        return UplinkCodec.encodeBatch(
                "5f1c", List.of(new Sequences.Range(1, 20)), List.of(UplinkCodec.encodeBlock(List.of(group))));
    }
}
