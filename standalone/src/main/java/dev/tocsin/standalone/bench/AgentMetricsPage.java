package dev.tocsin.standalone.bench;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What an agent counts, as it stands on its {@code /metrics}. Safe for any thread. */
final class AgentMetricsPage {
    static final String ACKNOWLEDGED = "tocsin_agent_acknowledged_messages_total{protocol=\"mqtt\"}";
    static final String ACCEPTED_READINGS = "tocsin_agent_accepted_readings_total{protocol=\"mqtt\"}";
    static final String SPOOL_BYTES = "tocsin_agent_spool_bytes";
    static final String UPLINK_CONNECTED = "tocsin_agent_uplink_connected";

    private final HttpClient http = HttpClient.newHttpClient();
    private final HttpRequest request;

    AgentMetricsPage(URI metrics) {
        request =
                HttpRequest.newBuilder(metrics).timeout(Duration.ofSeconds(10)).build();
    }

    /** @param line as it stands there up to the number */
    long value(String line) throws IOException, InterruptedException {
        String page = http.send(request, HttpResponse.BodyHandlers.ofString()).body();
        Matcher found = Pattern.compile("^" + Pattern.quote(line) + " (\\S+)$", Pattern.MULTILINE)
                .matcher(page);
        if (!found.find()) {
            throw new IOException("the agent has no metric " + line);
        }
        return (long) Double.parseDouble(found.group(1));
    }
}
