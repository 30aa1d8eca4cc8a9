package dev.tocsin.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.tocsin.profiles.config.Settings;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.eclipse.californium.core.CoapClient;
import org.eclipse.californium.core.CoapResponse;

/** An agent in this process, on ports of its own. */
final class AgentUnderTest implements AutoCloseable {
    final EdgeAgent agent;
    final int coapPort;
    final int coapsPort;
    final int httpPort;

    AgentUnderTest(Path data, String fieldUrl, String uplinkUrl, String... more) throws Exception {
        List<String> arguments = new ArrayList<>(List.of(
                "--gateway=gw-1",
                "--data=" + data,
                "--field.broker.url=" + fieldUrl,
                "--broker.url=" + uplinkUrl,
                "--coap.port=0",
                "--coap.dtls.port=0",
                "--http.port=0"));
        arguments.addAll(List.of(more));
        agent = new EdgeAgent(
                AgentConfig.from(new Settings(arguments.toArray(new String[0]), Map.of())), Clock.systemUTC());
        agent.start();
        coapPort = number(agent.ready(), "coap=(\\d+)");
        coapsPort = number(agent.ready(), "coaps=(\\d+)");
        httpPort = number(agent.ready(), "http=(\\d+)");
    }

    static int number(String text, String pattern) {
        Matcher matcher = Pattern.compile(pattern).matcher(text);
        if (!matcher.find()) {
            throw new AssertionError(pattern + " is not in " + text);
        }
        return Integer.parseInt(matcher.group(1));
    }

    /** Observed now, by CoAP. */
    CoapResponse postTemperature(String device, double value) throws Exception {
        CoapClient client = new CoapClient("coap://127.0.0.1:" + coapPort + "/sensors/" + device);
        client.setTimeout(10_000L);
        try {
            String payload = "[{\"bt\":" + System.currentTimeMillis() / 1000.0
                    + ",\"n\":\"temperature\",\"u\":\"Cel\",\"v\":" + value + "}]";
            return client.post(payload.getBytes(StandardCharsets.UTF_8), 110);
        } finally {
            client.shutdown();
        }
    }

    String health() throws Exception {
        return get("/health");
    }

    String metrics() throws Exception {
        return get("/metrics");
    }

    void awaitHealth(String part) {
        await().atMost(Duration.ofSeconds(30))
                .untilAsserted(() -> assertThat(health()).contains(part));
    }

    /** Until it judges by {@link Cloud#retainShortDelays}. */
    void awaitShortDelays() {
        awaitHealth("\"brief\":1000000");
    }

    /** The value of one line of the metrics, named as it stands there up to the number. */
    long metric(String line) throws Exception {
        return metric(metrics(), line);
    }

    static long metric(String metrics, String line) {
        Matcher found = Pattern.compile("^" + Pattern.quote(line) + " (\\S+)$", Pattern.MULTILINE)
                .matcher(metrics);
        if (!found.find()) {
            throw new AssertionError(line + " is no metric");
        }
        return (long) Double.parseDouble(found.group(1));
    }

    /** What Prometheus is told of the series whose line begins so, added up; 0 where there is none. */
    double sum(String start) throws Exception {
        return metrics()
                .lines()
                .filter(line -> line.startsWith(start))
                .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
                .sum();
    }

    String get(String path) throws Exception {
        URI uri = URI.create("http://127.0.0.1:" + httpPort + path);
        return HttpClient.newHttpClient()
                .send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.ofString())
                .body();
    }

    @Override
    public void close() {
        agent.close();
    }
}
