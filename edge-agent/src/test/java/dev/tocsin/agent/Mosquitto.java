package dev.tocsin.agent;

import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** The other broker that the field knows, where it is installed. */
final class Mosquitto implements AutoCloseable {
    private static final List<Path> PLACES = Stream.of(
                    "/usr/sbin/mosquitto", "/usr/bin/mosquitto", "/usr/local/sbin/mosquitto")
            .map(Path::of)
            .filter(Files::isExecutable)
            .toList();

    private final Path folder;
    private final Path file;
    private final int port;
    private Process process;

    Mosquitto(Path folder) throws IOException {
        this(folder, "");
    }

    /** @param more lines of its configuration */
    Mosquitto(Path folder, String more) throws IOException {
        this.folder = folder;
        port = TestBroker.freePort();
        file = folder.resolve("mosquitto.conf");
        Files.writeString(
                file,
                "listener " + port
                        + " 127.0.0.1\nallow_anonymous true\nmax_inflight_messages 0\nmax_queued_messages 0\n"
                        + "persistence true\npersistence_location " + folder.toAbsolutePath() + "/\n"
                        + (isRoot() ? "user root\n" : "") + more);
        start();
    }

    private static boolean isRoot() {
        return "root".equals(System.getProperty("user.name"));
    }

    private void start() throws IOException {
        process = new ProcessBuilder(PLACES.get(0).toString(), "-c", file.toString())
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(
                        folder.resolve("mosquitto.log").toFile()))
                .start();
        await().ignoreExceptions().until(() -> {
            new Socket(InetAddress.getLoopbackAddress(), port).close();
            return true;
        });
    }

    int port() {
        return port;
    }

    /** Ends it in the midst of everything; it keeps its sessions, and what it had not been told about them is not told. */
    void restart() throws Exception {
        process.destroy();
        process.waitFor();
        start();
    }

    /** As a power cut does: it saves nothing. */
    void kill() throws Exception {
        process.destroyForcibly().waitFor();
        start();
    }

    static boolean isInstalled() {
        return !PLACES.isEmpty();
    }

    String url() {
        return "tcp://127.0.0.1:" + port;
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }
}
