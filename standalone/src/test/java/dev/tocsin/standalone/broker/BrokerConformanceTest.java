package dev.tocsin.standalone.broker;

import static org.junit.jupiter.api.Assumptions.assumeTrue;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import dev.tocsin.standalone.broker.conformance.BrokerConformance;
import dev.tocsin.standalone.broker.conformance.BrokerUnderTest;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

class BrokerConformanceTest {
    @TempDir
    Path folder;

    private AutoCloseable running = () -> {};

    @AfterEach
    void stop() throws Exception {
        running.close();
    }

    @TestFactory
    Stream<DynamicTest> theEmbeddedBrokerConforms() throws Exception {
        BrokerProcess broker = BrokerProcess.start(folder);
        running = broker;
        return checks(broker.asPlatform());
    }

    @TestFactory
    Stream<DynamicTest> mosquittoConformsWhereItIsInstalled() throws Exception {
        assumeTrue(isOnPath("mosquitto"), "mosquitto is not on the PATH: not checked against it");
        return checks(startMosquitto());
    }

    private static Stream<DynamicTest> checks(BrokerUnderTest broker) {
        return Arrays.stream(BrokerConformance.values())
                .map(check -> dynamicTest(
                        check.name().replace('_', ' ').toLowerCase(Locale.ROOT), () -> check.check(broker)));
    }

    private BrokerUnderTest startMosquitto() throws IOException {
        int port = BrokerProcess.freePort();
        Path configuration = folder.resolve("mosquitto.conf");
        Files.write(
                configuration,
                List.of(
                        "listener " + port + " 127.0.0.1",
                        "allow_anonymous true",
                        // Its defaults hold back after 20 and drop after 1,000.
                        "max_inflight_messages 0",
                        "max_queued_messages 0"));
        Process process = new ProcessBuilder("mosquitto", "-c", configuration.toString())
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("mosquitto.log").toFile())
                .start();
        running = () -> process.destroy();
        Awaitility.await().atMost(Duration.ofSeconds(10)).until(() -> accepts(port));
        return new BrokerUnderTest("tcp://127.0.0.1:" + port, "platform", "any");
    }

    private static boolean accepts(int port) {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            return socket.isConnected();
        } catch (IOException e) {
            return false;
        }
    }

    static boolean isOnPath(String program) {
        return Stream.concat(Arrays.stream(System.getenv("PATH").split(":")), Stream.of("/usr/sbin"))
                .anyMatch(folder -> Files.isExecutable(Path.of(folder, program)));
    }
}
