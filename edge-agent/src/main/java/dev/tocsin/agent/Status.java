package dev.tocsin.agent;

import dev.tocsin.agent.observe.LocalHttp;
import dev.tocsin.agent.spool.SpoolException;
import dev.tocsin.agent.spool.SpoolReader;
import dev.tocsin.agent.update.Probe;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** {@code edge-agent status}: asks the agent; when none answers, reads its spool, and changes nothing. */
final class Status {
    static final int NOT_RUNNING = 3;
    private static final int PATIENCE_MS = 3_000;

    private final AgentConfig config;
    private final Words words;

    Status(AgentConfig config, Words words) {
        this.config = config;
        this.words = words;
    }

    int run() {
        LocalHttp.Health health;
        try {
            health = Probe.health(config.http().getPort(), PATIENCE_MS);
        } catch (IOException | IllegalArgumentException e) {
            words.say(
                    "no agent answers on port " + config.http().getPort() + " (" + e.getMessage() + ")",
                    "端口 " + config.http().getPort() + " 上没有代理应答（" + e.getMessage() + "）");
            offline();
            return NOT_RUNNING;
        }
        words.say(
                health.healthy() ? "the agent runs and is healthy" : "the agent runs and is NOT healthy",
                health.healthy() ? "代理运行正常" : "代理正在运行，但不健康");
        Map<String, Object> parts = new TreeMap<>(health.parts());
        Object oldest = parts.remove("spoolOldestAgeMs");
        parts.forEach((name, value) -> words.out.println("  " + name + ": " + value));
        if (oldest instanceof Number ageMs) {
            oldest(ageMs.longValue());
        }
        lastError();
        return health.healthy() ? AgentCommand.DONE : AgentCommand.FAILED;
    }

    private void offline() {
        Path spool = config.data().resolve("spool.db");
        if (!Files.exists(spool)) {
            words.say("there is no spool at " + spool, "没有本地缓存文件 " + spool);
        } else {
            try (SpoolReader reader = SpoolReader.readOnly(spool)) {
                SpoolReader.Depth depth = reader.depth();
                words.say(
                        "the spool holds, not delivered: " + depth.blocks() + " blocks of readings, " + depth.alerts()
                                + " alerts, " + depth.others() + " others, " + depth.bytes() + " bytes",
                        "本地缓存中未送达：" + depth.blocks() + " 块读数，" + depth.alerts() + " 条报警，" + depth.others() + " 条其他消息，共 "
                                + depth.bytes() + " 字节");
                oldest(reader.oldestAgeMs());
            } catch (SpoolException e) {
                words.say("the spool cannot be read: " + e.getMessage(), "本地缓存无法读取：" + e.getMessage());
            }
        }
        lastError();
    }

    private void oldest(long ageMs) {
        if (ageMs > 0) {
            long seconds = Duration.ofMillis(ageMs).toSeconds();
            words.say(
                    "  oldest reading not delivered: stored " + seconds + " s ago", "  最早未送达的读数：" + seconds + " 秒前存入");
        }
    }

    private void lastError() {
        @Nullable String error = LastError.read(config.data());
        if (error != null) {
            words.say("  last error: " + error, "  最近一次错误：" + error);
        }
    }
}
