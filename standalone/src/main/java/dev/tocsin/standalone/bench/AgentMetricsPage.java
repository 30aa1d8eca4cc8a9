package dev.tocsin.standalone.bench;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;

/** What an agent counts, as it stands on its {@code /metrics}. Safe for any thread. */
final class AgentMetricsPage {
    static final String ACKNOWLEDGED = "tocsin_agent_acknowledged_messages_total";

    private final HttpClient http = HttpClient.newHttpClient();
    private final HttpRequest request;

    AgentMetricsPage(URI metrics) {
        request =
                HttpRequest.newBuilder(metrics).timeout(Duration.ofSeconds(10)).build();
    }

    /** The sum over all lines of a metric, whatever its labels. */
    double sum(String name) throws IOException, InterruptedException {
        String page = http.send(request, HttpResponse.BodyHandlers.ofString()).body();
        return page.lines()
                .filter(line -> line.startsWith(name + " ") || line.startsWith(name + "{"))
                .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
                .sum();
    }
}
