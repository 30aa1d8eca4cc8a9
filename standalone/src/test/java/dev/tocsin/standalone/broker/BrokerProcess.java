package dev.tocsin.standalone.broker;

import dev.tocsin.standalone.broker.access.Credentials;
import dev.tocsin.standalone.broker.access.Role;
import dev.tocsin.standalone.broker.conformance.BrokerUnderTest;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The broker as the launcher runs it: a process of its own, to be killed like one. */
public final class BrokerProcess implements AutoCloseable {
    private final Path folder;
    private final Credentials credentials;
    private final int port;
    private final List<String> extra;
    private Process process;

    private BrokerProcess(Path folder, List<String> extra) throws IOException {
        this.folder = folder;
        this.credentials = Credentials.open(folder.resolve("credentials"));
        this.port = freePort();
        this.extra = extra;
        credentials.user("platform", Role.PLATFORM);
        this.process = launch();
    }

    public static BrokerProcess start(Path folder, String... extra) throws IOException {
        return new BrokerProcess(folder, List.of(extra));
    }

    static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    public BrokerUnderTest as(String user, Role role) throws IOException {
        return new BrokerUnderTest("tcp://127.0.0.1:" + port, user, credentials.user(user, role));
    }

    BrokerUnderTest asPlatform() throws IOException {
        return as("platform", Role.PLATFORM);
    }

    public int port() {
        return port;
    }

    void killAndRestart() throws IOException {
        kill();
        process = launch();
    }

    private void kill() {
        process.destroyForcibly().onExit().join();
    }

    private Process launch() throws IOException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx256m",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                BrokerMain.class.getName(),
                "--port=" + port,
                "--data=" + folder));
        command.addAll(extra);
        Process started = new ProcessBuilder(command)
                .redirectError(folder.resolve("broker.err").toFile())
                .start();
        BufferedReader lines =
                new BufferedReader(new InputStreamReader(started.getInputStream(), StandardCharsets.UTF_8));
        String line = lines.readLine();
        while (line != null && !line.startsWith("READY broker")) {
            line = lines.readLine();
        }
        if (line == null) {
            throw new IOException("the broker did not start, see " + folder.resolve("broker.err"));
        }
        Thread drain = new Thread(() -> lines.lines().forEach(ignored -> {}), "broker-output");
        drain.setDaemon(true);
        drain.start();
        return started;
    }

    @Override
    public void close() {
        kill();
    }
}
