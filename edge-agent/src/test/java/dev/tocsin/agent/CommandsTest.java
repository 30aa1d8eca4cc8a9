package dev.tocsin.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.tocsin.profiles.alert.Place;
import dev.tocsin.profiles.command.Command;
import dev.tocsin.profiles.command.Command.Kind;
import dev.tocsin.profiles.command.CommandReply;
import dev.tocsin.profiles.command.CommandReply.Result;
import dev.tocsin.profiles.desired.DesiredJson;
import dev.tocsin.profiles.desired.GatewayState;
import dev.tocsin.profiles.desired.GatewayState.EnrolledDevice;
import dev.tocsin.profiles.desired.GatewayState.Enrolment;
import dev.tocsin.profiles.wire.Topics;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.eclipse.californium.core.CoapResource;
import org.eclipse.californium.core.CoapServer;
import org.eclipse.californium.core.coap.CoAP.ResponseCode;
import org.eclipse.californium.core.network.CoapEndpoint;
import org.eclipse.californium.core.server.resources.CoapExchange;
import org.eclipse.californium.elements.config.Configuration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** Commands, from their topic to their reply. */
@Execution(ExecutionMode.CONCURRENT)
class CommandsTest {
    private static final Duration SOON = Duration.ofSeconds(30);
    private static final String PROFILE = """
            id: test-siren
            version: 1
            name: {en: Siren, zh: 警笛}
            category: smoke
            sources: {mqtt: ['devices/{device}/state']}
            codec: {type: json, fields: [{metric: smoke, path: /smoke, words: {'true': 1, 'false': 0}}]}
            metrics:
              smoke: {unit: '/', label: {en: Smoke, zh: 烟雾}, min: 0, max: 1}
            rules:
              - {id: smoke, metric: smoke, when: {above: 0.5}, kind: alarm, severity: critical, latching: true,
                 name: {en: Smoke, zh: 烟雾}}
            commands:
              volume: {label: {en: Volume, zh: 音量}, mqtt: 'devices/{device}/set', payload: '{"volume":{value}}'}
              relay: {label: {en: Relay, zh: 继电器}, coap-put: 'relay/{device}', payload: '1'}
            """;

    @TempDir
    Path folder;

    @RegisterExtension
    final OneBroker one = new OneBroker();

    private final TestBroker broker = one.broker;
    private final Cloud cloud = one.cloud;
    private int commands;

    @BeforeEach
    void start() throws Exception {
        cloud.retain(Topics.stateOfProfile("test-siren"), PROFILE.getBytes(StandardCharsets.UTF_8));
        Place hall = new Place(new String[] {"district"}, "hall", null, null);
        GatewayState state = new GatewayState(
                1,
                "gw-1",
                "Gateway",
                hall,
                Enrolment.CLOSED,
                List.of(new EnrolledDevice("horn", "test-siren", "Horn", hall)));
        cloud.retain(Topics.stateOfGateway("gw-1"), DesiredJson.write(state));
    }

    private AgentUnderTest agent(String... more) throws Exception {
        AgentUnderTest agent = one.agent(folder, more);
        await().atMost(SOON)
                .until(() -> agent.health().contains("\"field\":\"ok\"")
                        && agent.health().contains("\"uplink\":\"ok\"")
                        && agent.health().contains("\"registryVersion\":1"));
        return agent;
    }

    private Command command(Kind kind, String device, Map<String, String> arguments) {
        Instant now = Instant.now();
        return new Command("c" + ++commands, kind, now, now.plusSeconds(60), device, arguments);
    }

    private void send(Command command) throws Exception {
        cloud.publish(Topics.command("gw-1"), new String(DesiredJson.write(command), StandardCharsets.UTF_8));
    }

    private List<CommandReply> repliesTo(Command command) {
        return List.copyOf(cloud.replies).stream()
                .filter(reply -> reply.command().equals(command.id()))
                .toList();
    }

    private CommandReply result(Command command) {
        await().atMost(SOON).until(() -> repliesTo(command).stream().anyMatch(r -> r.result() != Result.ACCEPTED));
        return repliesTo(command).stream()
                .filter(r -> r.result() != Result.ACCEPTED)
                .findFirst()
                .orElseThrow();
    }

    private CommandReply carriedOut(Kind kind, String device, Map<String, String> arguments) throws Exception {
        Command command = command(kind, device, arguments);
        send(command);
        return result(command);
    }

    @Test
    void aSelfTestIsAcceptedAndThenSaysOfEachPartHowItIs() throws Exception {
        try (AgentUnderTest agent = agent()) {
            Command test = command(Kind.SELF_TEST, null, Map.of());
            send(test);
            assertThat(result(test).result()).isEqualTo(Result.DONE);
            assertThat(result(test).data())
                    .containsEntry("spool", "ok")
                    .containsEntry("uplink", "ok")
                    .containsEntry("field", "ok")
                    .containsEntry("clock", "ok");
            assertThat(repliesTo(test)).extracting(CommandReply::result).containsExactly(Result.ACCEPTED, Result.DONE);
        }
    }

    @Test
    void aCommandIsCarriedOutOnceHoweverOftenItComesAndAfterARestartTooAndIsAnsweredAlike() throws Exception {
        Command order = command(Kind.DEVICE, "horn", Map.of("command", "volume", "value", "7"));
        try (Siren horn = new Siren(broker.url(), "devices/horn/set")) {
            try (AgentUnderTest agent = agent()) {
                send(order);
                assertThat(result(order).result()).isEqualTo(Result.DONE);
                send(order);
                await().atMost(SOON).until(() -> repliesTo(order).size() == 3);
            }
            try (AgentUnderTest agent = agent()) {
                send(order);
                await().atMost(SOON).until(() -> repliesTo(order).size() == 4);
            }
            assertThat(horn.orders).containsExactly("{\"volume\":7}");
            assertThat(repliesTo(order).subList(1, 4)).allMatch(reply -> reply.result() == Result.DONE);
        }
    }

    @Test
    void aCommandThatComesAfterItsDeadlineIsNotCarriedOut() throws Exception {
        try (Siren horn = new Siren(broker.url(), "devices/horn/set");
                AgentUnderTest agent = agent()) {
            Instant now = Instant.now();
            Command late = new Command(
                    "late",
                    Kind.DEVICE,
                    now.minusSeconds(60),
                    now.minusSeconds(1),
                    "horn",
                    Map.of("command", "volume", "value", "9"));
            send(late);
            assertThat(result(late).result()).isEqualTo(Result.EXPIRED);
            // One that is in time is next, so the late one is not merely on its way.
            carriedOut(Kind.DEVICE, "horn", Map.of("command", "volume", "value", "1"));
            await().atMost(SOON).until(() -> !horn.orders.isEmpty());
            assertThat(horn.orders).containsExactly("{\"volume\":1}");
        }
    }

    @Test
    void aDeviceIsToldByCoapWhereItsAddressIsKnownAndByNobodyElsesWords() throws Exception {
        List<String> puts = new CopyOnWriteArrayList<>();
        CoapServer server = new CoapServer(Configuration.createStandardWithoutFile());
        CoapEndpoint endpoint = CoapEndpoint.builder()
                .setConfiguration(Configuration.createStandardWithoutFile())
                .setPort(0)
                .build();
        server.addEndpoint(endpoint);
        CoapResource relay = new CoapResource("relay");
        relay.add(new CoapResource("horn") {
            @Override
            public void handlePUT(CoapExchange exchange) {
                puts.add(exchange.getRequestText());
                exchange.respond(ResponseCode.CHANGED);
            }
        });
        server.add(relay);
        server.start();
        Files.writeString(
                folder.resolve("outputs.yaml"),
                "device-addresses: {horn: 'coap://127.0.0.1:"
                        + endpoint.getAddress().getPort() + "'}");
        try (AgentUnderTest agent = agent()) {
            assertThat(carriedOut(Kind.DEVICE, "horn", Map.of("command", "relay"))
                            .result())
                    .isEqualTo(Result.DONE);
            assertThat(puts).containsExactly("1");
            CommandReply injected = carriedOut(Kind.DEVICE, "horn", Map.of("command", "volume", "value", "1,\"x\":2"));
            assertThat(injected.result()).isEqualTo(Result.FAILED);
            CommandReply unknown = carriedOut(Kind.DEVICE, "stranger", Map.of("command", "relay"));
            assertThat(unknown.result()).isEqualTo(Result.FAILED);
            assertThat(unknown.text().en()).contains("stranger is not enrolled");
        } finally {
            server.destroy();
        }
    }

    @Test
    void aSilenceEndsWhatSoundsAndTheNextAlarmSounds() throws Exception {
        Files.writeString(
                folder.resolve("outputs.yaml"),
                "outputs: [{name: siren, mqtt: {topic: outputs/gw-1/siren, on: 'ON', off: 'OFF'}}]");
        cloud.retain(
                Topics.stateOfGateway("gw-1"),
                DesiredJson.write(new GatewayState(
                        1,
                        "gw-1",
                        "Gateway",
                        new Place(new String[] {"district"}, "hall", null, null),
                        Enrolment.OPEN,
                        List.of())));
        try (Siren siren = new Siren(broker.url(), "outputs/gw-1/siren");
                AgentUnderTest agent = agent()) {
            cloud.publish("devices/a/state", "{\"smoke\":true}");
            await().atMost(SOON).until(() -> siren.orders.equals(List.of("ON")));
            assertThat(carriedOut(Kind.SILENCE, null, Map.of()).text().en()).contains("siren");
            await().atMost(SOON).until(() -> siren.orders.equals(List.of("ON", "OFF")));
            cloud.publish("devices/b/state", "{\"smoke\":true}");
            await().atMost(SOON).until(() -> siren.orders.equals(List.of("ON", "OFF", "ON")));

            cloud.publish("devices/b/state", "{\"smoke\":false}");
            CommandReply reset = carriedOut(Kind.RESET, "b", Map.of());
            assertThat(reset.text().en()).contains("test-siren/smoke");
            await().atMost(SOON).until(() -> siren.orders.equals(List.of("ON", "OFF", "ON", "OFF")));
        }
    }

    @Test
    void whatIsReadBackAndTheDiagnosticsHoldNoSecret() throws Exception {
        try (AgentUnderTest agent = agent("--broker.user=me", "--broker.password=hunter2-of-the-cloud")) {
            CommandReply configuration = carriedOut(Kind.READ_CONFIGURATION, null, Map.of());
            assertThat(configuration.data().get("configuration"))
                    .contains("gateway=gw-1", "broker.user=me", "broker.password=***");
            assertThat(configuration.data()).containsEntry("registryVersion", "1");
            CommandReply diagnostics = carriedOut(Kind.DIAGNOSTICS, null, Map.of());
            assertThat(diagnostics.data().get("metrics")).contains("tocsin_agent_registry_version 1.0");
            assertThat(diagnostics.data().get("log")).contains("registry version 1");
            assertThat(diagnostics.data().get("status")).contains("\"uplink\":\"ok\"");
            assertThat(cloud.replies.toString()).doesNotContain("hunter2");

            assertThat(carriedOut(Kind.LOG_LEVEL, null, Map.of("level", "loud")).result())
                    .isEqualTo(Result.FAILED);
            assertThat(carriedOut(Kind.LOG_LEVEL, null, Map.of("level", "debug", "minutes", "1"))
                            .result())
                    .isEqualTo(Result.DONE);
        }
    }

    @Test
    void aRestartIsAnsweredBeforeItIsDone() throws Exception {
        AtomicInteger restarts = new AtomicInteger();
        try (AgentUnderTest agent = agent()) {
            Command restart = command(Kind.RESTART, null, Map.of());
            agent.agent.onRestart(() -> {
                assertThat(repliesTo(restart)).anyMatch(reply -> reply.result() == Result.DONE);
                restarts.incrementAndGet();
            });
            send(restart);
            await().atMost(SOON).until(() -> restarts.get() == 1);
        }
    }

    @Test
    void whatCannotBeReadIsAnsweredWithTheReason() throws Exception {
        try (AgentUnderTest agent = agent()) {
            cloud.publish(Topics.command("gw-1"), "{\"id\":\"x1\",\"kind\":\"MAKE_COFFEE\"}");
            await().atMost(SOON)
                    .until(() -> cloud.replies.stream()
                            .anyMatch(reply -> reply.command().equals("x1") && reply.result() == Result.FAILED));
            cloud.publish(Topics.command("gw-1"), "rubbish");
            assertThat(carriedOut(Kind.SELF_TEST, null, Map.of()).result()).isEqualTo(Result.DONE);
        }
    }
}
