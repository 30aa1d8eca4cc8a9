package dev.tocsin.standalone.river;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.tocsin.profiles.alert.Alert;
import dev.tocsin.profiles.alert.AlertState;
import dev.tocsin.profiles.wire.Lane;
import dev.tocsin.profiles.wire.Topics;
import dev.tocsin.standalone.broker.access.Role;
import dev.tocsin.standalone.field.FieldPublisher;
import dev.tocsin.standalone.officer.Api;
import dev.tocsin.standalone.platform.Plan;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/**
 * The way of a rule set, from an administrator's request to the verdicts of the agent and of the cloud. One gateway has
 * an agent, whose alerts are heard on its own uplink; behind the other nobody judges but the cloud.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class RulesTest {
    private static final Duration SOON = Duration.ofMinutes(3);
    private static final String BARE = "gw-bare";
    private static final String OFFICE = "office";
    private static final String BATTERY = "senml-room/battery";
    private static final String FIXED = UplinkGateway.PROFILE + "/fixed";
    /** Below every limit of the profiles, and no fire in itself. */
    private static final double WARM = 35;
    /** In percent; enough by the profile, which clears it without a delay. */
    private static final double HALF_FULL = 50;

    private static final int VERSION = 1_000_000;
    private static final String PATH = "/api/v1/rules/cool-rooms";

    private Site site;
    private Api admin;
    private FieldPublisher field;
    private FieldPublisher uplink;
    private UplinkGateway bare;
    private AlertTopic agent;
    private AlertTopic cloud;
    private Instant at = Instant.now().minus(Duration.ofHours(2));

    @BeforeAll
    void startTheRiver(@TempDir Path data) throws Exception {
        site = Site.start(data);
        field = site.field("rules-test");
        String broker = site.platform.brokerUrl();
        String password = site.brokerUser(BARE, Role.GATEWAY);
        // The broker looks at its users file once a second.
        uplink = await().ignoreExceptions()
                .atMost(SOON)
                .until(() -> new FieldPublisher(broker, BARE, BARE, password, 1), Objects::nonNull);
        bare = new UplinkGateway(BARE, uplink, 1, at.toEpochMilli());
        agent = site.alerts("rules-agent", Topics.upFilter(Lane.ALERT));
        cloud = site.alerts("rules-cloud");
        admin = site.api().login("admin", Site.PASSWORD);
        register();
    }

    private void register() throws Exception {
        ok(admin.change(
                "PUT",
                "/api/v1/gateways/" + BARE,
                Map.of("name", "Bare", "place", Map.of("area", "town", "name", "Cellar"), "enrolment", "CLOSED")));
        ok(admin.change(
                "PUT",
                "/api/v1/devices/" + bare.device(0),
                Map.of("gateway", BARE, "profile", UplinkGateway.PROFILE, "name", "Cellar")));
        ok(admin.change(
                "PUT",
                "/api/v1/devices/" + OFFICE,
                Map.of("gateway", Plan.GATEWAY, "profile", "senml-room", "name", "Office")));
    }

    private static void ok(Api.Answer answer) {
        assertThat(answer.status()).as("%s", answer.body()).isEqualTo(200);
    }

    @AfterAll
    void stopTheRiver() throws Exception {
        cloud.close();
        agent.close();
        uplink.close();
        field.close();
        site.close();
    }

    @Test
    void aLimitThatAnAdministratorPutsIsJudgedByInTheAgentAndInTheCloudUntilItIsDeleted() throws Exception {
        ok(admin.change(
                "PUT",
                PATH,
                Map.of(
                        "id",
                        "cool-rooms",
                        "version",
                        VERSION,
                        "scope",
                        Map.of("devices", List.of(OFFICE, bare.device(0))),
                        "changes",
                        List.of(
                                Map.of("rule", BATTERY, "when", Map.of("below", 60, "clear", 65)),
                                Map.of("rule", FIXED, "when", Map.of("above", 30, "clear", 25))))));

        awaiting("the agent's alert").until(() -> raised(agent, OFFICE, BATTERY, 60));
        awaiting("the cloud's alert").until(() -> raised(cloud, bare.device(0), FIXED, 30));
        assertThat(admin.get("/api/v1/devices/" + OFFICE).body().toString()).contains("\"ruleSet\":\"cool-rooms\"");

        assertThat(admin.change("DELETE", PATH, null).status()).isEqualTo(204);

        // The same goes on, and is nothing to worry about any more.
        awaiting("the end at the agent").until(() -> cleared(agent, OFFICE, BATTERY));
        awaiting("the end in the cloud").until(() -> cleared(cloud, bare.device(0), FIXED));
    }

    private static ConditionFactory awaiting(String what) {
        return await(what).atMost(SOON).pollInterval(Duration.ofSeconds(1));
    }

    private boolean raised(AlertTopic topic, String device, String rule, double limit) throws InterruptedException {
        say();
        Optional<Alert> alert =
                topic.of(device).stream().filter(one -> one.rule().equals(rule)).findFirst();
        alert.ifPresent(one -> {
            assertThat(one.state()).isEqualTo(AlertState.ACTIVE);
            assertThat(one.ruleVersion()).isEqualTo(VERSION);
            assertThat(one.evidence().limit()).isEqualTo(limit);
        });
        return alert.isPresent();
    }

    private boolean cleared(AlertTopic topic, String device, String rule) throws InterruptedException {
        say();
        return topic.of(device).stream()
                .anyMatch(alert -> alert.rule().equals(rule) && alert.state() == AlertState.CLEARED);
    }

    /** What both rooms say, one of them in a time of its own, so that no delay has to be waited for. */
    private void say() throws InterruptedException {
        String message = "[{\"n\":\"battery\",\"u\":\"%EL\",\"v\":" + HALF_FULL + "}]";
        field.publish("sensors/" + OFFICE, message.getBytes(StandardCharsets.UTF_8), Map.of())
                .join();
        at = at.plusSeconds(31);
        bare.send(bare.device(0), WARM, at.toEpochMilli()).join();
    }
}
