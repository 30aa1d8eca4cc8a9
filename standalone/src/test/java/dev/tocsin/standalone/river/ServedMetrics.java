package dev.tocsin.standalone.river;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** The names of metrics: those that a process serves, and those that docs/METRICS.md tells of it. */
final class ServedMetrics {
    private static final String JOB_PREFIX = "flink_taskmanager_job_task_operator_";
    private static final Pattern NAME = Pattern.compile("`([A-Za-z_]+)`");
    /** Of a histogram of Prometheus, beside its quantiles. */
    private static final Pattern PARTS = Pattern.compile("_(count|sum|max|bucket)$");

    private ServedMetrics() {}

    /** Without the prefix that Flink gives, and once for each histogram. */
    static Set<String> of(int port) throws IOException, InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/metrics"))
                .build();
        String body = HttpClient.newHttpClient()
                .send(request, HttpResponse.BodyHandlers.ofString())
                .body();
        return body.lines()
                .filter(line -> !line.startsWith("#"))
                .map(line -> line.split("[{ ]", 2)[0].replace(JOB_PREFIX, ""))
                .map(name -> PARTS.matcher(name).replaceFirst(""))
                .collect(Collectors.toCollection(TreeSet::new));
    }

    /** What the first column of a process's table names. */
    static Set<String> documented(String process) throws IOException {
        String section = Files.readString(Path.of("../docs/METRICS.md"))
                .split("\n## " + process + "\n", 2)[1]
                .split("\n## ", 2)[0];
        Set<String> names = new TreeSet<>();
        section.lines().filter(line -> line.startsWith("| `")).forEach(row -> {
            Matcher name = NAME.matcher(row.split(" \\| ", 2)[0]);
            while (name.find()) {
                names.add(name.group(1));
            }
        });
        return names;
    }
}
