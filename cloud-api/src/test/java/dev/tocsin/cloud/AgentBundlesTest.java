package dev.tocsin.cloud;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.tocsin.profiles.bundle.BundleKeys;
import dev.tocsin.profiles.bundle.BundleWriter;
import dev.tocsin.profiles.desired.DesiredJson;
import dev.tocsin.profiles.desired.GatewayStatus;
import dev.tocsin.profiles.desired.UpdateOrder;
import dev.tocsin.profiles.desired.UpdateProgress;
import dev.tocsin.profiles.wire.Lane;
import dev.tocsin.profiles.wire.Topics;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicReference;
import org.eclipse.paho.mqttv5.client.MqttAsyncClient;
import org.eclipse.paho.mqttv5.client.persist.MemoryPersistence;
import org.eclipse.paho.mqttv5.common.MqttSubscription;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Bundles of the agent, from an administrator's upload to the order that the gateway hears and what it says of it. */
class AgentBundlesTest {
    @TempDir
    Path folder;

    private RunningApi api;
    private Browser admin;

    @BeforeEach
    void start() throws Exception {
        api = new RunningApi();
        admin = api.admin();
    }

    @AfterEach
    void stop() throws Exception {
        api.close();
    }

    /** Of a version with more in it than one buffer holds. */
    static Path bundle(Path folder, String version, long seed) throws Exception {
        Path image = Files.createDirectories(folder.resolve("image-" + version + seed));
        Files.writeString(image.resolve("release.json"), "{\"version\":\"" + version + "\",\"serial\":" + seed + "}");
        byte[] noise = new byte[300_000];
        new Random(seed).nextBytes(noise);
        Files.write(image.resolve("noise"), noise);
        Path bundle = folder.resolve(version + "-" + seed + ".bundle");
        BundleWriter.write(
                image,
                new BundleWriter.Terms("0.1.0", false),
                BundleKeys.generate().getPrivate(),
                bundle);
        return bundle;
    }

    static HttpResponse<String> upload(Browser browser, String version, Path body) throws Exception {
        HttpRequest request = HttpRequest.newBuilder(URI.create(browser.base + "/api/v1/agent-bundles/" + version))
                .PUT(HttpRequest.BodyPublishers.ofFile(body))
                .header("Content-Type", "application/octet-stream")
                .header("Cookie", browser.cookie)
                .header("X-Tocsin-Csrf", browser.csrf)
                .build();
        return HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.ofString());
    }

    private static JsonNode json(HttpResponse<String> response) throws Exception {
        return new ObjectMapper().readTree(response.body());
    }

    /** As a gateway does: without a session. */
    private HttpResponse<byte[]> fetch(String version, String... range) throws Exception {
        HttpRequest.Builder request =
                HttpRequest.newBuilder(URI.create(admin.base + "/api/v1/agent-bundles/" + version));
        if (range.length > 0) {
            request.header("Range", range[0]);
        }
        return HttpClient.newHttpClient().send(request.build(), HttpResponse.BodyHandlers.ofByteArray());
    }

    private Browser.Answer order(String gateway, String version) throws Exception {
        return admin.send("PUT", "/api/v1/gateways/" + gateway + "/agent", "{\"version\":\"" + version + "\"}");
    }

    /** What stands at the broker for that gateway. */
    private UpdateOrder retained() throws Exception {
        AtomicReference<UpdateOrder> heard = new AtomicReference<>();
        MqttAsyncClient client =
                new MqttAsyncClient(api.broker.url(), "w" + System.nanoTime(), new MemoryPersistence());
        client.setCallback((SilentCallback)
                (topic, message) -> heard.set(DesiredJson.read(message.getPayload(), UpdateOrder.class)));
        client.connect().waitForCompletion();
        client.subscribe(new MqttSubscription(Topics.stateOfUpdate("gateway-1"), 1))
                .waitForCompletion();
        await().until(() -> heard.get() != null);
        client.disconnectForcibly(0, 500, false);
        client.close(true);
        return heard.get();
    }

    @Test
    void aBundleIsUploadedOrderedHeardByTheGatewayAndFetchedWholeOrInPart() throws Exception {
        Path bundle = bundle(folder, "1.2.0", 7);
        HttpResponse<String> uploaded = upload(admin, "1.2.0", bundle);
        assertThat(uploaded.statusCode()).as(uploaded.body()).isEqualTo(200);
        assertThat(json(uploaded).get("serial").asLong()).isEqualTo(7);
        assertThat(upload(admin, "1.2.0", bundle).statusCode())
                .as("the answer got lost")
                .isEqualTo(200);
        assertThat(api.crew().get("/api/v1/agent-bundles").body().get("bundles"))
                .hasSize(1);

        Browser.Answer ordered = order("gateway-1", "1.2.0");
        assertThat(ordered.status()).as("%s", ordered.body()).isEqualTo(200);
        UpdateOrder heard = retained();
        assertThat(heard.version()).isEqualTo("1.2.0");
        assertThat(heard.url()).isEqualTo("/api/v1/agent-bundles/1.2.0");
        byte[] bytes = Files.readAllBytes(bundle);
        assertThat(heard.size()).isEqualTo(bytes.length);

        assertThat(fetch("1.2.0").body()).isEqualTo(bytes);
        HttpResponse<byte[]> rest = fetch("1.2.0", "bytes=250000-");
        assertThat(rest.statusCode()).isEqualTo(206);
        assertThat(rest.body()).isEqualTo(Arrays.copyOfRange(bytes, 250_000, bytes.length));
        assertThat(fetch("1.2.0", "bytes=5-9").body())
                .as("another kind of range gets all")
                .isEqualTo(bytes);
        assertThat(fetch("1.2.1").statusCode()).isEqualTo(404);

        long first = heard.order();
        assertThat(order("gateway-1", "1.2.0").status()).isEqualTo(200);
        await().untilAsserted(() -> assertThat(retained().order()).isGreaterThan(first));
        assertThat(api.database.column("select action || ' ' || actor || ' ' || subject from ops.audit"
                        + " where action like 'agent%' order by id"))
                .containsExactly(
                        "agent_bundle_put admin 1.2.0",
                        "agent_update_order admin gateway-1",
                        "agent_update_order admin gateway-1");
    }

    @Test
    void whatTheGatewaySaysOfItsOrderIsShown() throws Exception {
        upload(admin, "1.2.0", bundle(folder, "1.2.0", 7));
        long id = order("gateway-1", "1.2.0").body().at("/order/id").asLong();
        UpdateProgress progress = new UpdateProgress(
                id, "1.2.0", UpdateProgress.Stage.REFUSED, "the bundle is signed by none of the keys");
        api.broker.publish(
                Topics.up(Topics.shardOf("gateway-1", 4), "gateway-1", Lane.STATUS),
                DesiredJson.write(new GatewayStatus(
                        "gateway-1", true, api.clock.instant(), "1.1.0", "e", 1, true, progress, null, List.of())),
                true);
        await().untilAsserted(() -> {
            JsonNode update = admin.get("/api/v1/agent-updates").body().at("/updates/0");
            assertThat(update.get("running").asText()).isEqualTo("1.1.0");
            assertThat(update.at("/progress/stage").asText()).isEqualTo("REFUSED");
            assertThat(update.at("/progress/detail").asText()).contains("signed by none");
        });
    }

    @Test
    void whatIsNoBundleOrDoesNotFitIsRefusedWithItsReason() throws Exception {
        Path bundle = bundle(folder, "1.2.0", 7);
        Path cut = folder.resolve("cut");
        Files.write(cut, Arrays.copyOf(Files.readAllBytes(bundle), 100_000));
        assertThat(json(upload(admin, "1.2.0", cut)).at("/error/message").asText())
                .contains("It is not taken: it is no ZIP");
        assertThat(json(upload(admin, "1.3.0", bundle)).at("/error/message").asText())
                .contains("it is version 1.2.0, not 1.3.0");
        assertThat(upload(admin, "1.2.0", bundle).statusCode()).isEqualTo(200);
        HttpResponse<String> other = upload(admin, "1.2.0", bundle(folder, "1.2.0", 8));
        assertThat(other.statusCode()).isEqualTo(409);
        assertThat(json(other).at("/error/code").asText()).isEqualTo("version_taken");
        assertThat(upload(api.crew(), "1.4.0", bundle).statusCode()).isEqualTo(403);
        assertThat(order("gateway-1", "9.9.9").where()).isEqualTo("/version");
        assertThat(order("nowhere", "1.2.0").code()).isEqualTo("not_found");
        try (var kept = Files.list(api.data.resolve("agent-bundles"))) {
            assertThat(kept).as("what was refused is not kept").hasSize(1);
        }
    }

    @Test
    void aBundleThatAGatewayIsToRunStaysAndOthersGo() throws Exception {
        upload(admin, "1.2.0", bundle(folder, "1.2.0", 7));
        upload(admin, "1.3.0", bundle(folder, "1.3.0", 8));
        order("gateway-1", "1.2.0");
        assertThat(admin.send("DELETE", "/api/v1/agent-bundles/1.2.0", null).code())
                .isEqualTo("in_use");
        order("gateway-1", "1.3.0");
        assertThat(admin.send("DELETE", "/api/v1/agent-bundles/1.2.0", null).status())
                .isEqualTo(204);
        assertThat(fetch("1.2.0").statusCode()).isEqualTo(404);
        assertThat(fetch("1.3.0").statusCode()).isEqualTo(200);
    }
}
