package dev.tocsin.standalone.river;

import dev.tocsin.standalone.platform.Layout;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A gateway on what might be another machine: a folder, an agent's process, and the lines that an administrator was shown. */
final class RemoteGateway implements AutoCloseable {
    private final Path folder;
    private final Path log;
    private final Process shell;

    /** @param command run by a shell in the folder, where {@code edge-agent} is the agent */
    RemoteGateway(Path folder, String command) throws IOException {
        this.folder = Files.createDirectories(folder);
        this.log = folder.resolve("agent.log");
        // What a package installs: the rest of the command line is the administrator's. The ports are any that are
        // free.
        List<String> java = Layout.fromEnvironment()
                .java("edge-agent", "lib", "dev.tocsin.agent.EdgeAgent", 64, List.of("-XX:+UseSerialGC"), List.of());
        Path program = folder.resolve("edge-agent");
        Files.writeString(
                program,
                "#!/bin/sh\nexec " + quoted(java)
                        + " \"$@\" --data=agent --coap.port=0 --http.port=0 --field.broker.url=tcp://127.0.0.1:1\n");
        Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwx------"));
        Files.writeString(
                folder.resolve("run.sh"),
                "PATH=.:$PATH\n" + command.replaceFirst("(?m)^edge-agent ", "exec edge-agent "));
        shell = new ProcessBuilder("sh", "run.sh")
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
    }

    private static String quoted(List<String> words) {
        return String.join(" ", words.stream().map(word -> "'" + word + "'").toList());
    }

    Path identity() {
        return folder.resolve("agent/identity/identity.pem");
    }

    String log() throws IOException {
        return Files.readString(log);
    }

    int coapPort() throws IOException {
        return port("coap");
    }

    /** What the agent says of itself; empty while it does not serve. */
    String health() throws IOException, InterruptedException {
        return get("/health");
    }

    String metrics() throws IOException, InterruptedException {
        return get("/metrics");
    }

    private String get(String path) throws IOException, InterruptedException {
        int port = port("http");
        if (port < 0) {
            return "";
        }
        HttpRequest request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
                .build();
        return HttpClient.newHttpClient()
                .send(request, HttpResponse.BodyHandlers.ofString())
                .body();
    }

    private int port(String of) throws IOException {
        Matcher ready = Pattern.compile("READY .*\\b" + of + "=(\\d+)").matcher(log());
        return ready.find() ? Integer.parseInt(ready.group(1)) : -1;
    }

    @Override
    public void close() throws InterruptedException {
        shell.destroy();
        shell.waitFor();
    }
}
