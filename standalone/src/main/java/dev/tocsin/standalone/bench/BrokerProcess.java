package dev.tocsin.standalone.bench;

import dev.tocsin.standalone.broker.BrokerMain;
import dev.tocsin.standalone.broker.access.Credentials;
import dev.tocsin.standalone.broker.access.Role;
import dev.tocsin.standalone.platform.Layout;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** A broker of its own for a bench: the one that comes along, or the mosquitto of a gateway where that is installed. */
final class BrokerProcess implements AutoCloseable {
    private static final List<Path> MOSQUITTO = Stream.of("/usr/sbin/mosquitto", "/usr/local/sbin/mosquitto")
            .map(Path::of)
            .filter(Files::isExecutable)
            .toList();
    private static final int HEAP_MB = 512;
    private static final Duration STARTS_WITHIN = Duration.ofSeconds(30);
    private static final String USER = "platform";

    private final String name;
    private final int port;
    private final String password;
    private final List<String> command;
    private final Path log;
    private Process process;

    private BrokerProcess(String name, int port, String password, List<String> command, Path log)
            throws IOException, InterruptedException {
        this.name = name;
        this.port = port;
        this.password = password;
        this.command = command;
        this.log = log;
        process = launch();
        Runtime.getRuntime().addShutdownHook(new Thread(() -> process.destroyForcibly(), "end-of-broker"));
    }

    private Process launch() throws IOException, InterruptedException {
        Process started = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
                .start();
        long until = System.nanoTime() + STARTS_WITHIN.toNanos();
        while (!answers()) {
            if (!started.isAlive() || System.nanoTime() > until) {
                started.destroyForcibly();
                throw new IOException(name + " did not start: " + Files.readString(log));
            }
            TimeUnit.MILLISECONDS.sleep(20);
        }
        return started;
    }

    /** After {@link #close}, at the same port and with what it kept. */
    void startAgain() throws IOException, InterruptedException {
        process = launch();
    }

    /** The one that comes along. */
    static BrokerProcess embedded(Layout layout, Path folder) throws IOException, InterruptedException {
        Credentials credentials =
                Credentials.open(Files.createDirectories(folder).resolve("credentials"));
        int port = freePort();
        return new BrokerProcess(
                "the embedded broker",
                port,
                credentials.user(USER, Role.PLATFORM),
                layout.java(
                        "standalone",
                        "lib",
                        BrokerMain.class.getName(),
                        HEAP_MB,
                        List.of("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"),
                        List.of("--port=" + port, "--data=" + folder, "--users=" + credentials.usersFile())),
                folder.resolve("broker.log"));
    }

    /** Mosquitto where it is installed, else the one that comes along. */
    static BrokerProcess ofGateway(Layout layout, Path folder) throws IOException, InterruptedException {
        if (MOSQUITTO.isEmpty()) {
            return embedded(layout, folder);
        }
        int port = freePort();
        Path configuration = Files.createDirectories(folder).resolve("mosquitto.conf");
        Files.writeString(
                configuration,
                String.join(
                        "\n",
                        "listener " + port + " 127.0.0.1",
                        "allow_anonymous true",
                        "max_inflight_messages 0",
                        "max_queued_messages 0",
                        "persistence true",
                        "persistence_location " + folder + "/",
                        "user " + System.getProperty("user.name"),
                        ""));
        return new BrokerProcess(
                "mosquitto",
                port,
                "",
                List.of(MOSQUITTO.get(0).toString(), "-c", configuration.toString()),
                folder.resolve("broker.log"));
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    private boolean answers() {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            return socket.isConnected();
        } catch (IOException e) {
            return false;
        }
    }

    /** Who may do everything there. */
    Sensors.Access access() {
        return new Sensors.Access("tcp://127.0.0.1:" + port, USER, password);
    }

    @Override
    public String toString() {
        return name;
    }

    @Override
    public void close() throws InterruptedException {
        process.destroy();
        if (!process.waitFor(10, TimeUnit.SECONDS)) {
            process.destroyForcibly();
        }
    }
}
