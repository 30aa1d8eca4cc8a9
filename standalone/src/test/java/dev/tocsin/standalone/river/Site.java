package dev.tocsin.standalone.river;

import static org.awaitility.Awaitility.await;

import dev.tocsin.profiles.wire.Topics;
import dev.tocsin.standalone.broker.access.Role;
import dev.tocsin.standalone.database.DatabaseRole;
import dev.tocsin.standalone.field.FieldPublisher;
import dev.tocsin.standalone.officer.Api;
import dev.tocsin.standalone.platform.Layout;
import dev.tocsin.standalone.platform.Plan;
import dev.tocsin.standalone.platform.Platform;
import dev.tocsin.standalone.platform.Ports;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Objects;
import org.eclipse.paho.mqttv5.common.MqttException;

/** A platform of its own for one test class: fresh data, free ports, open enrolment. */
final class Site implements AutoCloseable {
    static final String PASSWORD = "a long test password";

    final Platform platform;
    final Ports ports;

    private Site(Platform platform, Ports ports) {
        this.platform = platform;
        this.ports = ports;
    }

    static Site start(Path data) throws Exception {
        return start(data, Files.writeString(data.resolve("site.yaml"), Registries.ONE_GATEWAY));
    }

    static Site start(Path data, Path registry) throws Exception {
        return start(data, registry, Ports.free());
    }

    /** With both jobs on a Flink cluster. */
    static Site startOnCluster(Path data) throws Exception {
        return start(data, Files.writeString(data.resolve("site.yaml"), Registries.ONE_GATEWAY), Ports.freeOfCluster());
    }

    private static Site start(Path data, Path registry, Ports ports) throws Exception {
        Plan plan = Plan.embedded(Layout.fromEnvironment(), data.resolve("platform"), ports)
                .withRegistry(registry)
                .asDemo(PASSWORD);
        Site site = new Site(Platform.start(plan, System.out::println), ports);
        site.awaitAgent();
        return site;
    }

    /** Until the agent has subscribed, nobody hears what a sensor says once. */
    private void awaitAgent() {
        URI health = URI.create("http://127.0.0.1:" + ports.agentHttp() + "/health");
        HttpClient client = HttpClient.newHttpClient();
        await().ignoreExceptions().atMost(Duration.ofSeconds(60)).until(() -> {
            String told = client.send(HttpRequest.newBuilder(health).build(), HttpResponse.BodyHandlers.ofString())
                    .body();
            return told.contains("\"field\":\"ok\"") && !told.contains("\"registryVersion\":0");
        });
    }

    FieldPublisher field(String clientId) throws MqttException {
        return new FieldPublisher(platform.brokerUrl(), clientId, Platform.FIELD_USER, PASSWORD, 500);
    }

    /** What the platform publishes. */
    AlertTopic alerts(String clientId) throws IOException, MqttException {
        return alerts(clientId, Topics.ALERTS_FILTER);
    }

    /** @param filter that of another topic of alerts, as of what agents raise */
    AlertTopic alerts(String clientId, String filter) throws IOException, MqttException {
        return new AlertTopic(platform.brokerUrl(), clientId, "platform", platformPassword(), filter);
    }

    /** A broker user made now, with its password. */
    String brokerUser(String name, Role role) throws IOException {
        return platform.credentials().user(name, role);
    }

    private String platformPassword() throws IOException {
        return Files.readString(platform.credentials().passwordFile("platform")).strip();
    }

    Api api() {
        return new Api("http://127.0.0.1:" + ports.http());
    }

    /** How much the broker holds on disk, in its journal and its pages. */
    long brokerJournalMb() throws IOException {
        try (var files = Files.walk(platform.plan().data().resolve("broker"))) {
            return files.mapToLong(file -> file.toFile().length()).sum() / (1024 * 1024);
        }
    }

    Connection database() throws SQLException, IOException {
        var postgres = Objects.requireNonNull(platform.postgres());
        return DriverManager.getConnection(
                postgres.jdbcUrl(), DatabaseRole.STREAM.user(), postgres.password(DatabaseRole.STREAM));
    }

    @Override
    public void close() {
        platform.close();
    }
}
