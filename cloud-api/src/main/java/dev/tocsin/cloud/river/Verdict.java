package dev.tocsin.cloud.river;

import dev.tocsin.cloud.river.River.Health;
import dev.tocsin.cloud.river.River.Part;
import dev.tocsin.cloud.river.River.State;
import dev.tocsin.profiles.profile.LocalText;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Which part is dead, by elimination: a gateway's last will speaks for the agent, our own connection for the broker; when
 * both are well and no pulse comes through, the alarm job is dead; the archive job is judged by the pulse it stored.
 */
final class Verdict {
    /** The pulse travels every 5 s. */
    static final Duration LATE_AFTER = Duration.ofSeconds(8);
    /** Beyond the pulse's own limits: the archive writes with its checkpoints. */
    static final Duration ARCHIVE_LATE_AFTER = Duration.ofSeconds(20);

    static final Duration ARCHIVE_DEAD_AFTER = Duration.ofSeconds(40);
    private static final int NAMED = 5;

    private final Evidence evidence;
    private final Duration pulseAge;
    private final List<String> offline = new ArrayList<>();
    private final List<String> unheard = new ArrayList<>();

    private Verdict(Evidence evidence) {
        this.evidence = evidence;
        this.pulseAge = age(evidence.newestPulse());
        for (String gateway : evidence.gateways()) {
            if (evidence.offline(gateway)) {
                offline.add(gateway);
            } else if (age(evidence.pulses().get(gateway)).compareTo(RiverWatch.DEAD_AFTER) > 0) {
                unheard.add(gateway);
            }
        }
    }

    static River of(Evidence evidence) {
        return new Verdict(evidence).river();
    }

    private River river() {
        List<Part> parts = List.of(agent(), broker(), alarmJob(), archiveJob(), database(), api());
        boolean dead = pulseAge.compareTo(RiverWatch.DEAD_AFTER) > 0 || !evidence.brokerConnected();
        boolean well = parts.stream().allMatch(part -> part.state() == Health.OK);
        return new River(dead ? State.DEAD : well ? State.OK : State.DEGRADED, evidence.newestPulse(), parts);
    }

    private Part agent() {
        Instant seen = evidence.newestPulse();
        if (!evidence.brokerConnected()) {
            return part("agent", Health.UNKNOWN, seen, "not visible without the broker", "消息代理不可用，状态未知");
        }
        if (evidence.gateways().isEmpty()) {
            return part("agent", Health.UNKNOWN, seen, "no gateway is registered", "未登记网关");
        }
        if (!offline.isEmpty()) {
            Health health = offline.size() == evidence.gateways().size() ? Health.DEAD : Health.LATE;
            return part("agent", health, seen, "offline: " + names(offline), "离线：" + names(offline));
        }
        if (unheard.isEmpty()) {
            return pulseAge.compareTo(LATE_AFTER) <= 0
                    ? part("agent", Health.OK, seen, "every gateway has a pulse", "所有网关心跳正常")
                    : part("agent", Health.LATE, seen, "the pulse is late", "心跳延迟");
        }
        boolean allConnected = unheard.stream().allMatch(evidence::online);
        boolean nobodyHeard = pulseAge.compareTo(RiverWatch.DEAD_AFTER) > 0;
        if (allConnected && nobodyHeard) {
            return part("agent", Health.OK, seen, "connected to the broker", "已连接消息代理");
        }
        if (allConnected) {
            return part(
                    "agent",
                    Health.LATE,
                    seen,
                    "connected, without a pulse: " + names(unheard),
                    "已连接但无心跳：" + names(unheard));
        }
        return part(
                "agent",
                unheard.size() == evidence.gateways().size() ? Health.DEAD : Health.LATE,
                seen,
                "never connected: " + names(unheard),
                "尚未连接：" + names(unheard));
    }

    private Part broker() {
        return evidence.brokerConnected()
                ? part("broker", Health.OK, evidence.now(), "connected", "已连接")
                : part("broker", Health.DEAD, evidence.brokerSeen(), "no connection to the broker", "无法连接消息代理");
    }

    private Part alarmJob() {
        Instant seen = evidence.newestPulse();
        if (seen != null && pulseAge.compareTo(LATE_AFTER) <= 0) {
            return part("alarmJob", Health.OK, seen, "the pulse comes through", "心跳正常通过");
        }
        if (!evidence.brokerConnected()) {
            return part("alarmJob", Health.UNKNOWN, seen, "not visible without the broker", "消息代理不可用，状态未知");
        }
        if (evidence.gateways().stream().noneMatch(evidence::online)) {
            return part(
                    "alarmJob", Health.UNKNOWN, seen, "no gateway is online that could send a pulse", "没有在线网关可发送心跳");
        }
        if (pulseAge.compareTo(RiverWatch.DEAD_AFTER) <= 0) {
            return part("alarmJob", seen == null ? Health.UNKNOWN : Health.LATE, seen, "waiting for the pulse", "等待心跳");
        }
        return part(
                "alarmJob",
                Health.DEAD,
                seen,
                "a gateway is online, and its pulse does not come through: alarms are not judged in the cloud",
                "网关在线但心跳未通过：云端未在判定报警");
    }

    private Part archiveJob() {
        Instant stored = evidence.archivedPulse();
        if (!evidence.databaseAnswers()) {
            return part("archiveJob", Health.UNKNOWN, stored, "not visible without the database", "数据库不可用，状态未知");
        }
        Duration age = age(stored);
        if (stored != null && age.compareTo(ARCHIVE_LATE_AFTER) <= 0) {
            return part("archiveJob", Health.OK, stored, "readings are being stored", "读数正常入库");
        }
        boolean silent = evidence.gateways().stream().noneMatch(evidence::online);
        if (!evidence.brokerConnected() || silent) {
            return part(
                    "archiveJob",
                    Health.UNKNOWN,
                    stored,
                    "no gateway is online that could send a pulse",
                    "没有在线网关可发送心跳");
        }
        if (age.compareTo(ARCHIVE_DEAD_AFTER) <= 0) {
            return part(
                    "archiveJob",
                    stored == null ? Health.UNKNOWN : Health.LATE,
                    stored,
                    "waiting for the pulse in the store",
                    "等待心跳入库");
        }
        return part(
                "archiveJob",
                Health.DEAD,
                stored,
                "readings are not being stored; the broker keeps them",
                "读数未入库，暂存于消息代理");
    }

    private Part database() {
        return evidence.databaseAnswers()
                ? part("database", Health.OK, evidence.databaseSeen(), "answers", "响应正常")
                : part(
                        "database",
                        Health.DEAD,
                        evidence.databaseSeen(),
                        "does not answer: no history, no acknowledging",
                        "无响应：无法查询历史和确认报警");
    }

    private Part api() {
        return part("api", Health.OK, evidence.now(), "answers", "响应正常");
    }

    /** Nothing could arrive before we watched: the time without a pulse begins no earlier. */
    private Duration age(@Nullable Instant seen) {
        Instant since = evidence.watchingSince();
        return Duration.between(seen == null || seen.isBefore(since) ? since : seen, evidence.now());
    }

    private static String names(List<String> gateways) {
        String named = String.join(", ", gateways.subList(0, Math.min(NAMED, gateways.size())));
        return gateways.size() > NAMED ? named + " +" + (gateways.size() - NAMED) : named;
    }

    private static Part part(String part, Health health, @Nullable Instant seen, String en, String zh) {
        return new Part(part, health, seen, new LocalText(en, zh));
    }
}
