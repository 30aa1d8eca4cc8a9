package dev.tocsin.agent.update;

import dev.tocsin.agent.TestBroker;
import java.io.File;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The launcher as it is delivered, as a process with the agents that it starts. */
final class LaunchedAgent implements AutoCloseable {
    static final Path LAUNCHER = Path.of("../deploy/edge/launcher");

    final int http;
    private final Path data;
    private final Path installed;
    private final List<String> settings;
    private Process launcher;

    LaunchedAgent(Path data, Path installed, TestBroker broker, BundleServer server) throws Exception {
        this.data = Files.createDirectories(data);
        this.installed = installed;
        this.http = freePort();
        settings = List.of(
                "--gateway=" + Versions.GATEWAY,
                "--data=" + data,
                "--broker.url=" + broker.url(),
                "--enrolment=open",
                "--coap.port=0",
                "--http.port=" + http,
                "--update.url=" + server.url(),
                "--update.healthy-within=20",
                "--update.healthy-for=4");
        launcher = start();
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    private Process start() throws IOException {
        List<String> command = new ArrayList<>(List.of("/bin/sh", LAUNCHER.toString(), installed.toString()));
        command.addAll(settings);
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.environment().put("TOCSIN_DATA", data.toString());
        File log = data.resolve("launcher.log").toFile();
        return builder.redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(log))
                .start();
    }

    /** As the power would go: launcher and agents at once. */
    void killEverything() throws Exception {
        List<ProcessHandle> all = new ArrayList<>(launcher.descendants().toList());
        launcher.destroyForcibly();
        all.forEach(ProcessHandle::destroyForcibly);
        launcher.waitFor();
        for (ProcessHandle one : all) {
            one.onExit().get();
        }
    }

    void startAgain() throws IOException {
        launcher = start();
    }

    /** Which version answers, "none" when nobody does. */
    String version() {
        try {
            return String.valueOf(Probe.health(http, 2_000).parts().get("version"));
        } catch (IOException | IllegalArgumentException e) {
            return "none";
        }
    }

    String log() throws IOException {
        return Files.readString(data.resolve("launcher.log"));
    }

    @Override
    public void close() throws Exception {
        launcher.destroy();
        if (!launcher.waitFor(20, java.util.concurrent.TimeUnit.SECONDS)) {
            killEverything();
            throw new AssertionError("the launcher did not stop:\n" + log());
        }
    }
}
