package dev.tocsin.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.BufferedReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.eclipse.californium.core.CoapClient;
import org.eclipse.californium.core.CoapResponse;
import org.eclipse.californium.core.config.CoapConfig;
import org.eclipse.californium.elements.config.UdpConfig;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The command line as processes of its own, beside an agent in this one. */
class CommandLineTest {
    private static final int SENML_JSON = 110;

    @TempDir
    Path folder;

    private record Ended(int status, String said) {}

    @BeforeAll
    static void californium() {
        CoapConfig.register();
        UdpConfig.register();
    }

    private static Process start(Map<String, String> environment, String... arguments) throws Exception {
        List<String> command = new ArrayList<>(List.of(
                "java",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                "dev.tocsin.agent.AgentCommand"));
        command.addAll(List.of(arguments));
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment().remove("LC_ALL");
        builder.environment().put("LANG", "C");
        builder.environment().putAll(environment);
        return builder.start();
    }

    private static Ended run(Map<String, String> environment, String... arguments) throws Exception {
        Process process = start(environment, arguments);
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        return new Ended(process.waitFor(), said);
    }

    private static Ended run(String... arguments) throws Exception {
        return run(Map.of(), arguments);
    }

    private static void post(AgentUnderTest agent, String device, String body) throws Exception {
        CoapClient client = new CoapClient("coap://127.0.0.1:" + agent.coapPort + "/sensors/" + device);
        CoapResponse response = client.post(body, SENML_JSON);
        assertThat(response).isNotNull();
        client.shutdown();
    }

    @Test
    void check_config_names_everything_that_is_wrong_at_once_and_exits_with_2() throws Exception {
        Ended ended = run(
                "check-config",
                "--gateway=a b",
                "--shards=many",
                "--update.url=ftp://x",
                "--bind=no.such.host.invalid",
                "--surprise=1");
        assertThat(ended.status()).isEqualTo(2);
        assertThat(ended.said())
                .contains("--gateway (TOCSIN_GATEWAY) = 'a b'")
                .contains("--shards (TOCSIN_SHARDS) = 'many'")
                .contains("--update.url (TOCSIN_UPDATE_URL) = 'ftp://x'")
                .contains("'no.such.host.invalid' is no address")
                .contains("--surprise is no key");
    }

    @Test
    void check_config_looks_at_this_machine_too() throws Exception {
        Path file = Files.writeString(folder.resolve("file"), "x");
        Path keys = Files.createDirectories(folder.resolve("keys"));
        Files.writeString(keys.resolve("vendor.pub"), "no key");
        Ended ended = run(
                "check-config",
                "--data=" + file.resolve("below"),
                "--broker.password-file=" + folder.resolve("missing"),
                "--update.keys=" + keys);
        assertThat(ended.status()).isEqualTo(2);
        assertThat(ended.said())
                .contains("data = ")
                .contains("broker.password-file = " + folder.resolve("missing"))
                .contains("vendor.pub does not hold a PUBLIC KEY");
    }

    @Test
    void check_config_prints_what_holds_without_secrets_in_the_language_of_the_locale() throws Exception {
        Map<String, String> environment = Map.of("LANG", "zh_CN.UTF-8", "TOCSIN_BROKER_PASSWORD", "hush-hush");
        Ended ended = run(environment, "check-config", "--data=" + folder, "--broker.user=gw");
        assertThat(ended.status()).as(ended.said()).isZero();
        assertThat(ended.said())
                .contains("配置正确", "broker.user = gw", "broker.password = （已设置）", "shards = 4   （默认）")
                .doesNotContain("hush-hush");
        assertThat(run(environment, "check-config", "--data=" + folder, "--lang=en")
                        .said())
                .contains("the configuration is good")
                .doesNotContain("hush-hush");
        assertThat(run("check-config", "--lang=fr").status()).isEqualTo(2);
    }

    @Test
    void status_asks_the_agent_and_reads_the_spool_when_there_is_none() throws Exception {
        int http;
        // Nobody is there to deliver to.
        String nowhere = "tcp://127.0.0.1:" + TestBroker.freePort();
        try (AgentUnderTest agent = new AgentUnderTest(folder, nowhere, nowhere, "--enrolment=open")) {
            http = agent.httpPort;
            post(agent, "hall-1", "[{\"n\":\"temperature\",\"u\":\"Cel\",\"v\":21}]");
            Ended well = run("status", "--data=" + folder, "--http.port=" + http);
            assertThat(well.status()).as(well.said()).isZero();
            assertThat(well.said()).contains("the agent runs and is healthy", "uplink: away", "version: 0.1.0");
        }
        LastError.crashed(folder, "spool", new IllegalStateException("why not"));
        List<Path> before = files();
        Ended gone = run("status", "--data=" + folder, "--http.port=" + http);
        assertThat(gone.status()).isEqualTo(3);
        assertThat(gone.said())
                .contains("no agent answers on port " + http)
                .containsPattern("the spool holds, not delivered: [1-9]\\d* blocks of readings, 0 alerts")
                .contains(
                        "oldest reading not delivered: ",
                        "last error: ",
                        "thread spool died: java.lang.IllegalStateException: why not");
        assertThat(run(Map.of("LC_ALL", "zh_CN.UTF-8"), "status", "--data=" + folder, "--http.port=" + http)
                        .said())
                .contains("本地缓存中未送达", "最近一次错误");
        assertThat(files()).as("it only looks").containsAll(before);
        assertThat(run("status", "--data=" + folder.resolve("none"), "--http.port=" + http)
                        .said())
                .contains("there is no spool");
    }

    private List<Path> files() throws Exception {
        try (var files = Files.list(folder)) {
            return files.toList();
        }
    }

    @Test
    void tail_follows_readings_rejects_and_the_log_of_alerts() throws Exception {
        String nowhere = "tcp://127.0.0.1:" + TestBroker.freePort();
        ConcurrentLinkedQueue<String> lines = new ConcurrentLinkedQueue<>();
        try (AgentUnderTest agent = new AgentUnderTest(folder, nowhere, nowhere, "--enrolment=open")) {
            Process tail = start(Map.of(), "tail", "--data=" + folder, "--http.port=" + agent.httpPort);
            Thread reader = new Thread(() -> {
                try (BufferedReader in = tail.inputReader(StandardCharsets.UTF_8)) {
                    in.lines().forEach(lines::add);
                } catch (java.io.IOException | java.io.UncheckedIOException e) {
                    lines.add(e.toString());
                }
            });
            reader.start();
            await().atMost(Duration.ofSeconds(30))
                    .until(() -> lines.stream().anyMatch(l -> l.contains("alerts.log is not there")));
            await().atMost(Duration.ofSeconds(30)).untilAsserted(() -> {
                post(agent, "hall-1", "[{\"n\":\"temperature\",\"u\":\"Cel\",\"v\":21.5}]");
                assertThat(lines).anyMatch(l -> l.contains("reading coap hall-1 temperature = 21.5 GOOD"));
            });
            post(agent, "hall-1", "nonsense");
            Files.writeString(folder.resolve("alerts.log"), "{\"id\":\"a-1\"}\n{\"id\":\"a-2\"");
            await().atMost(Duration.ofSeconds(30))
                    .untilAsserted(() -> assertThat(lines)
                            .anyMatch(l -> l.startsWith("REJECTED coap") && l.contains("MALFORMED"))
                            .contains("ALERT {\"id\":\"a-1\"}"));
            Files.writeString(folder.resolve("alerts.log"), "}\n", StandardOpenOption.APPEND);
            await().atMost(Duration.ofSeconds(30)).until(() -> lines.contains("ALERT {\"id\":\"a-2\"}"));
            tail.destroy();
            reader.join();
        }
        assertThat(run("tail", "--data=" + folder, "--http.port=" + TestBroker.freePort())
                        .status())
                .isEqualTo(3);
    }

    @Test
    void a_vendor_makes_keys_and_bundles_and_nobody_overwrites_a_key() throws Exception {
        Path image = Files.createDirectories(folder.resolve("image"));
        Files.writeString(image.resolve("release.json"), "{\"version\":\"1.2.3\",\"serial\":9}");
        assertThat(run("bundle", "keygen", "--out=" + folder.resolve("k"), "--name=vendor")
                        .status())
                .isZero();
        assertThat(run("bundle", "keygen", "--out=" + folder.resolve("k"), "--name=vendor")
                        .status())
                .isEqualTo(1);
        Path bundle = folder.resolve("agent.bundle");
        Ended made =
                run("bundle", "make", "--image=" + image, "--key=" + folder.resolve("k/vendor.key"), "--out=" + bundle);
        assertThat(made.status()).as(made.said()).isZero();
        Ended shown = run("bundle", "show", "--bundle=" + bundle, "--keys=" + folder.resolve("k"));
        assertThat(shown.said()).contains("1.2.3, serial 9, replaces 0.0.0 and newer");
        assertThat(shown.status()).isZero();
        assertThat(run("bundle", "show", "--bundle=" + bundle, "--keys=" + image)
                        .status())
                .isEqualTo(1);
        assertThat(run("bundle", "make", "--img=x").status()).isEqualTo(2);
        assertThat(run("fly").status()).isEqualTo(2);
        assertThat(run("help").said()).contains("check-config");
    }
}
