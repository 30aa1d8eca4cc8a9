package dev.tocsin.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.tocsin.profiles.alert.Alert;
import dev.tocsin.profiles.alert.AlertState;
import dev.tocsin.profiles.command.Command;
import dev.tocsin.profiles.command.CommandReply;
import dev.tocsin.profiles.command.CommandReply.Result;
import dev.tocsin.profiles.desired.DesiredJson;
import dev.tocsin.profiles.wire.Topics;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.eclipse.californium.core.CoapResponse;
import org.eclipse.californium.core.coap.CoAP.ResponseCode;
import org.eclipse.californium.core.config.CoapConfig;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** On a disk that is full or may only be read the agent acknowledges nothing and goes on alarming. */
@Execution(ExecutionMode.CONCURRENT)
class FullDiskTest {
    private static final Duration LONG = Duration.ofSeconds(60);

    @TempDir
    Path folder;

    @BeforeEach
    void registerCoap() {
        CoapConfig.register();
    }

    private static String temperature(double value) {
        return "[{\"n\":\"temperature\",\"u\":\"Cel\",\"v\":" + value + "}]";
    }

    private static List<Alert> alerts(Cloud cloud, String device) {
        synchronized (cloud.alerts) {
            return cloud.alerts.stream()
                    .filter(alert -> alert.device().equals(device))
                    .toList();
        }
    }

    private static void awaitAlert(Cloud cloud, String device, String rule, AlertState state) {
        await().atMost(LONG)
                .until(() -> alerts(cloud, device).stream()
                        .anyMatch(alert -> alert.rule().endsWith(rule) && alert.state() == state));
    }

    private static Set<String> idsOf(Cloud cloud, String device) {
        return alerts(cloud, device).stream().map(Alert::id).collect(Collectors.toSet());
    }

    private static void awaitConnected(AgentUnderTest agent) {
        await().atMost(LONG).until(() -> agent.health().contains("\"field\":\"ok\""));
    }

    @Test
    void onAFullDiskAlarmsGoOnNothingIsAcknowledgedAndAfterwardsEverythingIsThereOnce() throws Exception {
        try (SmallDisk disk = new SmallDisk(folder.resolve("disk"), "8m");
                TestBroker broker = new TestBroker();
                Cloud cloud = new Cloud(broker.url());
                AgentUnderTest agent = new AgentUnderTest(
                        disk.folder.resolve("data"), broker.url(), broker.url(), "--enrolment=open")) {
            awaitConnected(agent);
            agent.awaitHealth("\"uplink\":\"ok\"");
            cloud.retainShortDelays();
            agent.awaitShortDelays();
            cloud.publish("sensors/room-m", temperature(20));
            await().atMost(LONG)
                    .untilAsserted(() -> assertThat(cloud.valuesOf("room-m")).containsExactly(20.0));

            disk.fill();
            int sent = 0;
            // More than the session's window: what comes after it is only heard by listening.
            for (; sent < 3_000; sent++) {
                cloud.publish("sensors/room-n", temperature(20 + sent / 1_000.0));
            }
            await().atMost(LONG).until(() -> !agent.health().contains("\"spool\":\"ok\""));
            cloud.publish("sensors/room-m", temperature(80));
            cloud.publish("sensors/room-m", temperature(81));
            awaitAlert(cloud, "room-m", "", AlertState.ACTIVE);
            awaitAlert(cloud, "gw-1", "gateway/disk", AlertState.ACTIVE);
            cloud.publish("sensors/room-m", temperature(20.5));
            cloud.publish("sensors/room-m", temperature(20.6));
            awaitAlert(cloud, "room-m", "", AlertState.CLEARED);

            CoapResponse refused = agent.postTemperature("room-c", 90);
            assertThat(refused.getCode()).isEqualTo(ResponseCode.SERVICE_UNAVAILABLE);
            assertThat(refused.getOptions().getMaxAge()).isEqualTo(5);
            agent.postTemperature("room-c", 91);
            awaitAlert(cloud, "room-c", "", AlertState.ACTIVE);
            assertThat(cloud.valuesOf("room-m")).containsExactly(20.0);
            assertThat(cloud.valuesOf("room-c")).isEmpty();
            Set<String> ids = idsOf(cloud, "room-m");
            assertThat(ids).hasSize(1);

            disk.empty();
            awaitAlert(cloud, "gw-1", "gateway/disk", AlertState.CLEARED);
            int all = sent;
            await().atMost(LONG)
                    .untilAsserted(() -> assertThat(cloud.valuesOf("room-n")).hasSize(all));
            await().atMost(LONG)
                    .untilAsserted(
                            () -> assertThat(cloud.valuesOf("room-m")).containsExactly(20.0, 20.5, 20.6, 80.0, 81.0));
            assertThat(agent.postTemperature("room-c", 92).getCode()).isEqualTo(ResponseCode.CHANGED);
            assertThat(idsOf(cloud, "room-m")).as("alerts of room-m").isEqualTo(ids);
            assertThat(idsOf(cloud, "room-c")).as("alerts of room-c").hasSize(1);
            assertThat(cloud.valuesOf("room-n")).doesNotHaveDuplicates();
            assertThat(cloud.faults).isEmpty();
        }
    }

    @Test
    void anAgentThatStartsOnAFullDiskAlarmsFromMemoryAndStoresOnceThereIsRoom() throws Exception {
        try (SmallDisk disk = new SmallDisk(folder.resolve("disk"), "2m");
                TestBroker broker = new TestBroker();
                Cloud cloud = new Cloud(broker.url())) {
            disk.fill();
            startsWithoutADisk(disk, broker, cloud, disk::empty);
        }
    }

    @Test
    void anAgentThatStartsOnAReadOnlyDiskAlarmsFromMemoryAndStoresOnceItMayWrite() throws Exception {
        try (SmallDisk disk = new SmallDisk(folder.resolve("disk"), "8m");
                TestBroker broker = new TestBroker();
                Cloud cloud = new Cloud(broker.url())) {
            disk.readOnly(true);
            startsWithoutADisk(disk, broker, cloud, () -> disk.readOnly(false));
        }
    }

    private interface Mending {
        void mend() throws Exception;
    }

    private void startsWithoutADisk(SmallDisk disk, TestBroker broker, Cloud cloud, Mending mending) throws Exception {
        try (AgentUnderTest agent =
                new AgentUnderTest(disk.folder.resolve("data"), broker.url(), broker.url(), "--enrolment=open")) {
            await().atMost(LONG)
                    .until(() -> agent.postTemperature("room-c", 90).getCode() == ResponseCode.SERVICE_UNAVAILABLE);
            agent.postTemperature("room-c", 91);
            awaitAlert(cloud, "room-c", "", AlertState.ACTIVE);
            awaitAlert(cloud, "gw-1", "gateway/disk", AlertState.ACTIVE);

            mending.mend();
            await().atMost(LONG).until(() -> agent.postTemperature("room-c", 92).getCode() == ResponseCode.CHANGED);
            await().atMost(LONG)
                    .untilAsserted(() -> assertThat(cloud.valuesOf("room-c")).contains(92.0));
            awaitAlert(cloud, "gw-1", "gateway/disk", AlertState.CLEARED);
            assertThat(idsOf(cloud, "room-c")).hasSize(1);
            awaitConnected(agent);
            cloud.publish("sensors/room-m", temperature(20));
            await().atMost(LONG)
                    .untilAsserted(() -> assertThat(cloud.valuesOf("room-m")).containsExactly(20.0));
            assertThat(cloud.faults).isEmpty();
        }
    }

    /** It used to be remembered as failed, and told as accepted when the disk took that again. */
    @Test
    void aCommandIsNotTakenOnAFullDiskAndIsCarriedOutWhenItComesAgain() throws Exception {
        try (SmallDisk disk = new SmallDisk(folder.resolve("disk"), "8m");
                TestBroker broker = new TestBroker();
                Cloud cloud = new Cloud(broker.url());
                AgentUnderTest agent = new AgentUnderTest(
                        disk.folder.resolve("data"), broker.url(), broker.url(), "--enrolment=open")) {
            awaitConnected(agent);
            await().atMost(LONG).until(() -> agent.health().contains("\"uplink\":\"ok\""));
            disk.fill();
            for (int sent = 0; sent < 3_000; sent++) {
                cloud.publish("sensors/room-n", temperature(20 + sent / 1_000.0));
            }
            await().atMost(LONG).until(() -> !agent.health().contains("\"spool\":\"ok\""));
            Instant now = Instant.now();
            Command test = new Command("c1", Command.Kind.SELF_TEST, now, now.plusSeconds(600), null, Map.of());
            String message = new String(DesiredJson.write(test), StandardCharsets.UTF_8);
            cloud.publish(Topics.command("gw-1"), message);
            await().atMost(LONG).until(() -> agent.metric("tocsin_agent_commands_refused") == 1);
            assertThat(cloud.replies).isEmpty();

            disk.empty();
            awaitAlert(cloud, "gw-1", "gateway/disk", AlertState.CLEARED);
            cloud.publish(Topics.command("gw-1"), message);
            await().atMost(LONG).until(() -> cloud.replies.size() == 2);
            assertThat(cloud.replies).extracting(CommandReply::result).containsExactly(Result.ACCEPTED, Result.DONE);
        }
    }

    @Test
    void openAlertsOfTheLastRunAreKnownOnADiskThatMayOnlyBeRead() throws Exception {
        try (SmallDisk disk = new SmallDisk(folder.resolve("disk"), "8m");
                TestBroker broker = new TestBroker();
                Cloud cloud = new Cloud(broker.url())) {
            Path data = disk.folder.resolve("data");
            cloud.retainShortDelays();
            try (AgentUnderTest agent = new AgentUnderTest(data, broker.url(), broker.url(), "--enrolment=open")) {
                agent.awaitShortDelays();
                agent.postTemperature("room-c", 90);
                agent.postTemperature("room-c", 91);
                awaitAlert(cloud, "room-c", "", AlertState.ACTIVE);
            }
            disk.readOnly(true);
            try (AgentUnderTest agent = new AgentUnderTest(data, broker.url(), broker.url(), "--enrolment=open")) {
                awaitAlert(cloud, "gw-1", "gateway/disk", AlertState.ACTIVE);
                agent.postTemperature("room-c", 20);
                agent.postTemperature("room-c", 20.1);
                awaitAlert(cloud, "room-c", "", AlertState.CLEARED);
                disk.readOnly(false);
                awaitAlert(cloud, "gw-1", "gateway/disk", AlertState.CLEARED);
                assertThat(idsOf(cloud, "room-c")).hasSize(1);
            }
        }
    }

    @Test
    void whatIsJudgedInPassingIsShownOnceToWhoLooks() throws Exception {
        try (SmallDisk disk = new SmallDisk(folder.resolve("disk"), "8m");
                TestBroker broker = new TestBroker();
                Cloud cloud = new Cloud(broker.url());
                AgentUnderTest agent = new AgentUnderTest(
                        disk.folder.resolve("data"), broker.url(), broker.url(), "--enrolment=open")) {
            awaitConnected(agent);
            agent.get("/tail?after=-1");
            disk.fill();
            await().atMost(LONG).until(() -> {
                cloud.publish("sensors/room-n", temperature(20));
                return !agent.health().contains("\"spool\":\"ok\"");
            });
            cloud.publish("sensors/room-m", temperature(21));
            await().atMost(LONG)
                    .untilAsserted(() -> assertThat(shown(agent, "room-m")).isOne());

            disk.empty();
            await().atMost(LONG).until(() -> {
                agent.get("/tail?after=-1");
                return cloud.valuesOf("room-m").equals(List.of(21.0));
            });
            assertThat(shown(agent, "room-m")).isOne();
        }
    }

    private static long shown(AgentUnderTest agent, String device) throws Exception {
        return agent.get("/tail?after=0")
                .lines()
                .filter(line -> line.contains("\"device\":\"" + device + "\""))
                .count();
    }
}
