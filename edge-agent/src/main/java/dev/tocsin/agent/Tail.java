package dev.tocsin.agent;

import com.fasterxml.jackson.databind.JsonNode;
import dev.tocsin.profiles.desired.DesiredJson;
import java.io.IOException;
import java.io.InputStream;
import java.io.RandomAccessFile;
import java.net.HttpURLConnection;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * {@code edge-agent tail}: prints what comes in until it is stopped: readings and rejected input from the agent, alerts
 * from the log that it keeps in its data folder. For one thread.
 */
final class Tail {
    private static final long LOOK_EVERY_MS = 300;
    private static final int PATIENCE_MS = 3_000;
    private static final int MAX_ANSWER_BYTES = 4 << 20;
    /** Of the log at one look; the rest at the next. */
    private static final int MAX_LOG_BYTES = 64 * 1024;

    private final int port;
    private final Path log;
    private final Words words;

    private long newest = -1;
    private long logRead;
    private boolean logMissing;

    Tail(AgentConfig config, Words words) {
        this.port = config.http().getPort();
        this.log = config.data().resolve("alerts.log");
        this.words = words;
    }

    int run() throws InterruptedException {
        logRead = size();
        boolean answered = false;
        while (!words.out.checkError()) {
            try {
                feed();
                answered = true;
            } catch (IOException | IllegalArgumentException e) {
                words.complain(
                        "no agent answers on port " + port + " (" + e.getMessage() + ")",
                        "端口 " + port + " 上没有代理应答（" + e.getMessage() + "）");
                if (!answered) {
                    return Status.NOT_RUNNING;
                }
                newest = -1;
                Thread.sleep(PATIENCE_MS);
            }
            alerts();
            Thread.sleep(LOOK_EVERY_MS);
        }
        return AgentCommand.DONE;
    }

    private void feed() throws IOException {
        HttpURLConnection connection =
                (HttpURLConnection) new URL("http://127.0.0.1:" + port + "/tail?after=" + newest).openConnection();
        connection.setConnectTimeout(PATIENCE_MS);
        connection.setReadTimeout(PATIENCE_MS);
        String answer;
        try (InputStream in = connection.getInputStream()) {
            answer = new String(in.readNBytes(MAX_ANSWER_BYTES), StandardCharsets.UTF_8);
        } finally {
            connection.disconnect();
        }
        for (String text : answer.split("\n")) {
            JsonNode line = DesiredJson.read(text.getBytes(StandardCharsets.UTF_8), JsonNode.class);
            long number = line.path("n").asLong();
            boolean end = line.path("kind").asText().equals("end");
            long missing = newest < 0 || number <= newest ? 0 : number - newest - (end ? 0 : 1);
            if (missing > 0) {
                words.say("... " + missing + " lines are missing: too many at a time", "……缺少 " + missing + " 行：一时过多");
            }
            newest = number;
            if (!end) {
                words.out.println(harmless(shown(line)));
            }
        }
    }

    /** What a device calls itself must not steer the terminal of whoever looks. */
    private static String harmless(String line) {
        return line.replaceAll("\\p{Cc}", "?");
    }

    private String shown(JsonNode line) {
        String protocol = line.path("protocol").asText();
        if (line.path("kind").asText().equals("rejected")) {
            return words.in("REJECTED", "拒收") + " " + protocol + " "
                    + line.path("source").asText() + " " + line.path("reason").asText() + ": "
                    + line.path("detail").asText();
        }
        return words.in("reading", "读数") + " " + protocol + " "
                + line.path("device").asText() + " "
                + line.path("metric").asText() + " = " + line.path("value").asText() + " "
                + line.path("quality").asText() + " " + line.path("observed").asText();
    }

    private long size() {
        try {
            return Files.exists(log) ? Files.size(log) : 0;
        } catch (IOException e) {
            return 0;
        }
    }

    /** Whole lines that were added; from the beginning when the log began anew. */
    private void alerts() {
        if (!Files.isReadable(log)) {
            if (!logMissing) {
                logMissing = true;
                words.complain(log + " is not there, or not readable: alerts are not shown", log + " 不存在或无法读取：不显示报警");
            }
            return;
        }
        logMissing = false;
        try (RandomAccessFile file = new RandomAccessFile(log.toFile(), "r")) {
            if (file.length() < logRead) {
                logRead = 0;
            }
            file.seek(logRead);
            byte[] bytes = new byte[(int) Math.min(MAX_LOG_BYTES, file.length() - logRead)];
            file.readFully(bytes);
            int end = bytes.length;
            while (end > 0 && bytes[end - 1] != '\n') {
                end--;
            }
            if (end == 0 && bytes.length == MAX_LOG_BYTES) {
                // No line is that long: it is passed over.
                end = bytes.length;
            }
            logRead += end;
            new String(bytes, 0, end, StandardCharsets.UTF_8)
                    .lines()
                    .forEach(line -> words.out.println(words.in("ALERT", "报警") + " " + harmless(line)));
        } catch (IOException e) {
            words.complain(log + ": " + e.getMessage(), log + "：" + e.getMessage());
        }
    }
}
