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

    private final Process process;
    private final int port;

    Mosquitto(Path folder) throws IOException {
        port = TestBroker.freePort();
        Path file = folder.resolve("mosquitto.conf");
        Files.writeString(
                file,
                "listener " + port
                        + " 127.0.0.1\nallow_anonymous true\nmax_inflight_messages 0\nmax_queued_messages 0\n");
        process = new ProcessBuilder(PLACES.get(0).toString(), "-c", file.toString())
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("mosquitto.log").toFile())
                .start();
        await().ignoreExceptions().until(() -> {
            new Socket(InetAddress.getLoopbackAddress(), port).close();
            return true;
        });
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
