package dev.tocsin.agent.observe;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class LocalHttpTest {
    @Test
    void whoeverSendsHalfARequestKeepsNobodyElseFromAnAnswer() throws Exception {
        InetSocketAddress any = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
        List<Socket> halves = new ArrayList<>();
        try (LocalHttp http =
                new LocalHttp(any, new AgentMetrics(), () -> new LocalHttp.Health(true, Map.of("spool", "ok")))) {
            http.start();
            for (int i = 0; i < 20; i++) {
                Socket half = new Socket(InetAddress.getLoopbackAddress(), http.port());
                half.getOutputStream().write('G');
                half.getOutputStream().flush();
                halves.add(half);
            }
            HttpResponse<String> answer = HttpClient.newHttpClient()
                    .send(
                            HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + http.port() + "/health"))
                                    .timeout(Duration.ofSeconds(60))
                                    .build(),
                            HttpResponse.BodyHandlers.ofString());
            assertThat(answer.statusCode()).isEqualTo(200);
            assertThat(answer.body()).contains("\"spool\":\"ok\"");
        } finally {
            for (Socket half : halves) {
                half.close();
            }
        }
    }
}
