package dev.tocsin.agent.update;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.tocsin.agent.Subscriber;
import dev.tocsin.agent.TestBroker;
import dev.tocsin.profiles.bundle.BundleKeys;
import dev.tocsin.profiles.bundle.BundleWriter;
import dev.tocsin.profiles.desired.DesiredJson;
import dev.tocsin.profiles.desired.GatewayStatus;
import dev.tocsin.profiles.desired.UpdateOrder;
import dev.tocsin.profiles.desired.UpdateProgress;
import dev.tocsin.profiles.desired.UpdateProgress.Stage;
import dev.tocsin.profiles.wire.Lane;
import dev.tocsin.profiles.wire.Topics;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Updates with real processes: the launcher, the versions that it starts, a broker that orders, a server that has bundles. */
@Execution(ExecutionMode.CONCURRENT)
class UpdateProcessTest {
    private static final String STATUS = Topics.up(Topics.shardOf(Versions.GATEWAY, 4), Versions.GATEWAY, Lane.STATUS);

    @TempDir
    Path folder;

    private Versions versions;
    private TestBroker broker;
    private BundleServer server;
    private LaunchedAgent agent;
    private Subscriber cloud;
    private volatile UpdateProgress told = new UpdateProgress(0, "", Stage.FETCHING, "");

    @BeforeEach
    void start() throws Exception {
        versions = new Versions(folder);
        broker = new TestBroker();
        server = new BundleServer();
        cloud = new Subscriber(broker.url(), "cloud", STATUS, this::onStatus);
        agent = new LaunchedAgent(folder.resolve("data"), versions.image("0.1.0", 10, Versions.WELL), broker, server);
        awaitVersion("0.1.0");
    }

    @AfterEach
    void stop() throws Exception {
        agent.close();
        cloud.close();
        server.close();
        broker.close();
    }

    private void onStatus(String topic, byte[] payload) {
        UpdateProgress update = DesiredJson.read(payload, GatewayStatus.class).update();
        if (update != null) {
            told = update;
        }
    }

    private void awaitVersion(String version) {
        await(version)
                .atMost(Duration.ofSeconds(90))
                .untilAsserted(
                        () -> assertThat(agent.version()).as("%s", agent.log()).isEqualTo(version));
    }

    private void order(UpdateOrder order) throws Exception {
        cloud.publish(Topics.stateOfUpdate(Versions.GATEWAY), DesiredJson.write(order), true);
    }

    /** What the agent says of that order in the end. */
    private UpdateProgress end(UpdateOrder order) throws Exception {
        await("the end of " + order).atMost(Duration.ofSeconds(90)).untilAsserted(() -> {
            assertThat(told.order()).as("%s %s", told, agent.log()).isEqualTo(order.order());
            assertThat(told.stage()).as("%s", told).isIn(Stage.DONE, Stage.REFUSED, Stage.ROLLED_BACK);
        });
        return told;
    }

    private void orderFast(String version, Path bundle) throws Exception {
        order(versions.order(version, bundle, server));
    }

    @Test
    void a_good_version_is_fetched_tried_and_kept_also_over_a_power_cut() throws Exception {
        UpdateOrder order = versions.order("0.2.0", versions.bundle("0.2.0", 20, Versions.WELL), server);
        order(order);

        assertThat(end(order).stage()).isEqualTo(Stage.DONE);
        assertThat(agent.version()).isEqualTo("0.2.0");
        assertThat(folder.resolve("data/updates/good")).hasContent("A");
        agent.killEverything();
        agent.startAgain();
        awaitVersion("0.2.0");

        orderFast("0.3.0", versions.bundle("0.3.0", 30, Versions.WELL));
        awaitVersion("0.3.0");
        await().atMost(Duration.ofSeconds(60))
                .untilAsserted(
                        () -> assertThat(folder.resolve("data/updates/good")).hasContent("B"));
        assertThat(folder.resolve("data/updates")).isDirectoryNotContaining("glob:**.part");
    }

    @ParameterizedTest
    @ValueSource(strings = {Versions.CRASHES, Versions.TURNS_SICK, Versions.HANGS})
    void a_version_that_fails_is_taken_back_and_not_tried_again(String does) throws Exception {
        UpdateOrder order = versions.order("0.2.0", versions.bundle("0.2.0", 20, does), server);
        order(order);

        UpdateProgress end = end(order);
        assertThat(end.stage()).isEqualTo(Stage.ROLLED_BACK);
        System.out.println("rolled back: " + end.detail());
        assertThat(end.detail())
                .contains(
                        does.equals(Versions.CRASHES)
                                ? "ended by itself"
                                : does.equals(Versions.HANGS) ? "not well within" : "it hurts");
        awaitVersion("0.1.0");
        agent.killEverything();
        agent.startAgain();
        awaitVersion("0.1.0");
        assertThat(end(order).stage()).isEqualTo(Stage.ROLLED_BACK);
        assertThat(server.asked).hasSize(1);
    }

    @Test
    void what_is_not_to_be_trusted_is_refused_with_its_reason_and_the_version_runs_on() throws Exception {
        Path good = versions.bundle("0.2.0", 20, Versions.WELL);
        refused(
                "0.2.0",
                versions.bundle(
                        "0.2.0", 21, Versions.WELL, new BundleWriter.Terms("0.0.0", false), BundleKeys.generate()),
                "signed by none of the keys");
        refused(
                "0.2.0",
                Versions.altered(good, UnaryOperator.identity(), bytes -> {
                    bytes[2] ^= 1;
                    return bytes;
                }),
                "release.json is not what its manifest says");
        refused(
                "0.2.0",
                Versions.altered(
                        good, name -> name.replace("files/keys", "files/../../../keys"), UnaryOperator.identity()),
                "it lacks keys/vendor.pub");
        refused("0.4.0", versions.climbing("0.4.0"), "is no path that a bundle may hold");
        refused("0.0.9", versions.bundle("0.0.9", 22, Versions.WELL), "does not allow a downgrade");
        refused(
                "0.0.8",
                versions.bundle("0.0.8", 9, Versions.WELL, new BundleWriter.Terms("0.0.0", true), versions.vendor),
                "an old bundle is not taken again");
        refused(
                "0.5.0",
                versions.bundle("0.5.0", 23, Versions.WELL, new BundleWriter.Terms("0.2.0", false), versions.vendor),
                "replaces 0.2.0 and newer");
        refused("0.6.0", good, "is version 0.2.0, ordered was 0.6.0");
        UpdateOrder other = versions.order("0.2.0", good, server);
        UpdateOrder wrongHash = new UpdateOrder(
                other.order(), other.gateway(), other.version(), other.url(), other.size(), "0".repeat(64));
        order(wrongHash);
        assertThat(end(wrongHash).detail()).contains("is not what was ordered");
        assertThat(agent.version()).isEqualTo("0.1.0");
        assertThat(folder.resolve("climbed")).doesNotExist();
        assertThat(Files.exists(folder.resolve("data/updates/A"))).isFalse();

        UpdateOrder after = versions.order("0.2.0", good, server);
        order(after);
        assertThat(end(after).stage()).as("refusals spoil nothing").isEqualTo(Stage.DONE);
    }

    private void refused(String version, Path bundle, String reason) throws Exception {
        UpdateOrder order = versions.order(version, bundle, server);
        order(order);
        UpdateProgress end = end(order);
        assertThat(end.detail()).contains(reason);
        assertThat(end.stage()).isEqualTo(Stage.REFUSED);
    }

    @Test
    void a_downgrade_that_the_vendor_allows_is_taken() throws Exception {
        UpdateOrder order = versions.order(
                "0.0.9",
                versions.bundle("0.0.9", 20, Versions.WELL, new BundleWriter.Terms("0.0.0", true), versions.vendor),
                server);
        order(order);
        assertThat(end(order).stage()).isEqualTo(Stage.DONE);
        assertThat(agent.version()).isEqualTo("0.0.9");
    }

    @Test
    void a_fetch_that_breaks_off_goes_on_where_it_ended() throws Exception {
        Path bundle = versions.bundle("0.2.0", 20, Versions.WELL);
        server.breakOffAfter = 1_000;
        UpdateOrder order = versions.order("0.2.0", bundle, server);
        order(order);
        assertThat(end(order).stage()).isEqualTo(Stage.DONE);
        assertThat(server.asked).containsExactly("null", "bytes=1000-");
    }

    @Test
    void killed_at_any_moment_of_an_update_it_starts_again_and_ends_with_the_new_version() throws Exception {
        orderFast("0.2.0", versions.bundle("0.2.0", 20, Versions.WELL));
        // Three of the kills may fall into a trial: after that it would rightly be taken back.
        for (int round = 1; round <= 3; round++) {
            await().pollDelay(Duration.ofMillis(700L * round)).until(() -> true);
            agent.killEverything();
            agent.startAgain();
        }
        awaitVersion("0.2.0");
        await().atMost(Duration.ofSeconds(60))
                .untilAsserted(
                        () -> assertThat(folder.resolve("data/updates/good")).hasContent("A"));
    }
}
