package dev.tocsin.standalone.river;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.tocsin.standalone.platform.JobPorts;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.util.HashSet;
import java.util.Set;

/** What a Flink cluster says of itself. */
final class FlinkRest {
    private final ObjectMapper json = new ObjectMapper();
    private final String url;

    FlinkRest(Site site) {
        url = "http://127.0.0.1:" + ((JobPorts.Cluster) site.ports.jobs()).rest();
    }

    int taskManagers() throws IOException {
        return read("/overview").get("taskmanagers").asInt();
    }

    /** Ids of the jobs of which every task runs. */
    Set<String> runningJobs() throws IOException {
        Set<String> running = new HashSet<>();
        for (JsonNode job : read("/jobs/overview").get("jobs")) {
            JsonNode tasks = job.get("tasks");
            int total = tasks.get("total").asInt();
            if (total > 0 && tasks.get("running").asInt() == total) {
                running.add(job.get("jid").asText());
            }
        }
        return running;
    }

    private JsonNode read(String path) throws IOException {
        try (InputStream answer = URI.create(url + path).toURL().openStream()) {
            return json.readTree(answer);
        }
    }
}
