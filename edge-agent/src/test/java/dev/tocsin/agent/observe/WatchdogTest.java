package dev.tocsin.agent.observe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.File;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An agent of its own below something that looks like systemd: what it says through systemd-notify. */
class WatchdogTest {
    @TempDir
    Path folder;

    private Path said;

    private Process agent(boolean asked) throws Exception {
        said = folder.resolve("said");
        Path program = Files.createDirectories(folder.resolve("bin")).resolve("systemd-notify");
        Files.writeString(program, "#!/bin/sh\necho \"$@\" >> " + said + "\n");
        Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwxr-xr-x"));
        ProcessBuilder builder = new ProcessBuilder(
                        "java",
                        "-cp",
                        System.getProperty("java.class.path"),
                        "dev.tocsin.agent.AgentCommand",
                        "--data=" + Files.createDirectories(folder.resolve("data")),
                        "--enrolment=open",
                        "--coap.port=0",
                        "--http.port=0",
                        "--broker.url=tcp://127.0.0.1:1")
                .redirectErrorStream(true);
        builder.environment().put("PATH", program.getParent() + File.pathSeparator + System.getenv("PATH"));
        if (asked) {
            builder.environment().put("NOTIFY_SOCKET", "/run/systemd/notify");
            builder.environment().put("WATCHDOG_USEC", "3000000");
        }
        return builder.redirectOutput(folder.resolve("log").toFile()).start();
    }

    private List<String> said() throws Exception {
        return Files.exists(said) ? Files.readAllLines(said) : List.of();
    }

    @Test
    void says_once_that_it_is_ready_and_then_again_and_again_that_it_lives() throws Exception {
        Process agent = agent(true);
        try {
            await().atMost(Duration.ofSeconds(60))
                    .untilAsserted(() -> assertThat(said())
                            .startsWith("--ready", "WATCHDOG=1", "WATCHDOG=1")
                            .filteredOn("--ready"::equals)
                            .hasSize(1));
        } finally {
            agent.destroy();
            agent.waitFor();
        }
    }

    /** One thread answers, and half a request used to hold it for ever. */
    @Test
    void goes_on_saying_that_it_lives_though_others_send_it_half_a_request() throws Exception {
        Process agent = agent(true);
        List<Socket> halves = new ArrayList<>();
        try {
            await().atMost(Duration.ofSeconds(60)).until(() -> said().size() >= 2);
            Matcher port =
                    Pattern.compile("READY edge-agent.* http=(\\d+)").matcher(Files.readString(folder.resolve("log")));
            assertThat(port.find()).isTrue();
            for (int i = 0; i < 20; i++) {
                Socket half = new Socket(InetAddress.getLoopbackAddress(), Integer.parseInt(port.group(1)));
                halves.add(half);
                half.getOutputStream().write('G');
            }
            int before = said().size();
            await().atMost(Duration.ofSeconds(60)).until(() -> said().size() >= before + 3);
        } finally {
            for (Socket half : halves) {
                half.close();
            }
            agent.destroyForcibly().waitFor();
        }
    }

    /** The unit's patience with a start used to end a salvage that then began anew, for ever. */
    @Test
    void asks_for_more_time_while_it_saves_a_damaged_spool() throws Exception {
        byte[] garbage = new byte[1 << 20];
        new Random(4711).nextBytes(garbage);
        Files.write(Files.createDirectories(folder.resolve("data")).resolve("spool.db"), garbage);
        Process agent = agent(true);
        try {
            await().atMost(Duration.ofSeconds(60))
                    .untilAsserted(
                            () -> assertThat(said()).startsWith("WATCHDOG=1 EXTEND_TIMEOUT_USEC=600000000", "--ready"));
        } finally {
            agent.destroy();
            agent.waitFor();
        }
    }

    @Test
    void one_that_stands_still_says_nothing_more() throws Exception {
        Process agent = agent(true);
        try {
            await().atMost(Duration.ofSeconds(60)).until(() -> said().size() >= 2);
            new ProcessBuilder("kill", "-STOP", Long.toString(agent.pid()))
                    .start()
                    .waitFor();
            int before = said().size();
            // As long as two more would have taken.
            await().during(Duration.ofSeconds(2))
                    .atMost(Duration.ofSeconds(5))
                    .until(() -> said().size() <= before + 1);
        } finally {
            agent.destroyForcibly().waitFor();
        }
    }

    @Test
    void says_nothing_where_nobody_asks() throws Exception {
        Process agent = agent(false);
        try {
            await().atMost(Duration.ofSeconds(60))
                    .until(() -> Files.readString(folder.resolve("log")).contains("READY edge-agent"));
            assertThat(said()).isEmpty();
        } finally {
            agent.destroy();
            agent.waitFor();
        }
    }
}
