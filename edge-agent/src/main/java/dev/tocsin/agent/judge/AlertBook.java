package dev.tocsin.agent.judge;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tocsin.agent.desired.Registry;
import dev.tocsin.agent.spool.Draft;
import dev.tocsin.profiles.alert.Alert;
import dev.tocsin.profiles.alert.AlertJson;
import dev.tocsin.profiles.alert.AlertKind;
import dev.tocsin.profiles.alert.AlertState;
import dev.tocsin.profiles.alert.Evidence;
import dev.tocsin.profiles.alert.Severity;
import dev.tocsin.profiles.detect.Finding;
import dev.tocsin.profiles.detect.RuleState;
import dev.tocsin.profiles.site.SilenceRule;
import dev.tocsin.profiles.wire.Lane;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The alerts that this agent holds open: at most one a rule and subject. Each is stored with the state of its rule, so
 * that after a restart it is neither raised twice nor left standing. For the writer thread.
 */
final class AlertBook {
    static final String KIND_ALERT = "alert";
    static final String KIND_STATE = "rule-state";
    /** Beside the fields of a kept state. */
    private static final String PROFILE = "profile";

    /** Of more, the oldest is left to the cloud, which judges the same readings and clears it. */
    static final int MAX_OPEN = 5_000;

    private static final Logger LOG = LoggerFactory.getLogger(AlertBook.class);
    private static final ObjectMapper JSON = new ObjectMapper();

    private final String gateway;
    private final Registry registry;
    private final Clock clock;
    /** In the order of their raise. */
    private final Map<Key, Alert> open = new LinkedHashMap<>();
    /** Kept records that cannot be read, to be deleted. */
    private final List<Unreadable> unreadable = new ArrayList<>();

    /** Kept by an earlier run, and known too late to be cleared when they ended. */
    private final List<Ended> ended = new ArrayList<>();

    private int unreadableRecords;
    private Consumer<Alert> listener = alert -> {};

    private record Unreadable(String kind, String key) {}

    private record Ended(Key key, Alert alert) {}

    /** A drill and the real thing are two matters, so that neither hides nor clears the other. */
    record Key(String rule, String subject, boolean drill) {
        String text() {
            return rule + "\n" + subject + (drill ? "\ndrill" : "");
        }

        /** @throws IllegalArgumentException when it is none */
        static Key of(String text) {
            String[] parts = text.split("\n");
            if (parts.length < 2 || parts.length > 3) {
                throw new IllegalArgumentException("not a key of a rule");
            }
            return new Key(parts[0], parts[1], parts.length == 3);
        }
    }

    AlertBook(String gateway, Registry registry, Clock clock, Map<String, byte[]> kept) {
        this.gateway = gateway;
        this.registry = registry;
        this.clock = clock;
        recall(kept);
    }

    /** What an earlier run kept. */
    private void recall(Map<String, byte[]> kept) {
        recall(kept, key -> false);
    }

    /**
     * What an earlier run kept, where it can be read only now: of one that ended meanwhile, or that a newer one has
     * followed, the cloud is told with the next {@link #clearEnded}, and nobody here, who never heard of it.
     *
     * @param isOver whether a rule has come to find nothing since this run began
     */
    void recall(Map<String, byte[]> kept, Predicate<Key> isOver) {
        kept.forEach((text, json) -> {
            try {
                // Not by the alert's own drill: one that was raised under test is a drill of what the device says.
                Key key = Key.of(text);
                Alert alert = AlertJson.read(json);
                Alert newer = open.get(key);
                if (isOver.test(key) || (newer != null && !newer.id().equals(alert.id()))) {
                    ended.add(new Ended(key, alert));
                } else {
                    open.putIfAbsent(key, alert);
                }
            } catch (IllegalArgumentException e) {
                unreadable(KIND_ALERT, text);
            }
        });
    }

    void clearEnded(Draft draft) {
        for (Ended one : ended) {
            draft.message(
                    Lane.ALERT, AlertJson.write(over(one.alert(), one.alert().value(), clock.millis())));
            if (!open.containsKey(one.key())) {
                draft.keep(KIND_ALERT, one.key().text(), null);
            }
        }
        ended.clear();
    }

    /** Told of each alert that is raised or cleared, before it is on disk; must not wait. */
    void onAlert(Consumer<Alert> whenChanged) {
        listener = whenChanged;
    }

    List<Alert> open() {
        return List.copyOf(open.values());
    }

    /** One bad record must not keep the agent from starting: it is dropped and counted. */
    void unreadable(String kind, String key) {
        LOG.error("the kept {} of {} cannot be read and is dropped", kind, key.replace('\n', ' '));
        unreadable.add(new Unreadable(kind, key));
        unreadableRecords++;
    }

    void dropUnreadable(Draft draft) {
        unreadable.forEach(record -> draft.keep(record.kind(), record.key(), null));
        unreadable.clear();
    }

    int unreadableRecords() {
        return unreadableRecords;
    }

    /**
     * What a rule was in the midst of.
     *
     * @param profile by which the device was judged; of records of before rule sets nothing, the rule was the profile's
     */
    record KeptState(@Nullable String profile, RuleState state) {}

    /** @return nothing when it cannot be read */
    @Nullable
    KeptState state(String key, byte[] json) {
        try {
            if (!(JSON.readTree(json) instanceof ObjectNode fields)) {
                throw new IOException("not an object");
            }
            JsonNode profile = fields.remove(PROFILE);
            return new KeptState(profile == null ? null : profile.asText(), JSON.treeToValue(fields, RuleState.class));
        } catch (IOException e) {
            unreadable(KIND_STATE, key);
            return null;
        }
    }

    /** Keeps what a rule is in the midst of, so that neither a delay nor a raise is lost in a kill. */
    static void keepState(Draft draft, Key key, String profile, RuleState state) {
        draft.keep(KIND_STATE, key.text(), json(profile, state));
    }

    static void dropState(Draft draft, Key key) {
        draft.keep(KIND_STATE, key.text(), null);
    }

    void onFinding(Draft draft, Finding finding) {
        Key key = new Key(finding.rule(), finding.device(), finding.replayed());
        if (finding.raised()) {
            Alert alert = raised(
                    key,
                    finding.ruleVersion(),
                    finding.kind(),
                    finding.severity(),
                    finding.metric(),
                    finding.value(),
                    finding.unit(),
                    finding.onsetMs(),
                    finding.atMs(),
                    finding.drill(),
                    finding.evidence());
            raise(draft, key, alert);
        } else {
            clear(draft, key, finding.value(), finding.atMs());
        }
    }

    void raiseSilence(Draft draft, SilenceRule rule, String device, long sinceMs, long nowMs) {
        Key key = new Key(rule.id(), device, false);
        raise(
                draft,
                key,
                raised(
                        key,
                        rule.version(),
                        AlertKind.TROUBLE,
                        rule.severity(),
                        "",
                        0,
                        "",
                        sinceMs,
                        nowMs,
                        false,
                        Evidence.NONE));
    }

    /** Something of the gateway itself does not work, and no metric tells of it. */
    void raiseTrouble(Draft draft, String rule, Severity severity) {
        raiseTrouble(draft, rule, severity, "", 0, "", Evidence.NONE);
    }

    void raiseTrouble(
            Draft draft, String rule, Severity severity, String metric, double value, String unit, Evidence evidence) {
        long nowMs = clock.millis();
        Key key = new Key(rule, gateway, false);
        raise(
                draft,
                key,
                raised(key, 1, AlertKind.TROUBLE, severity, metric, value, unit, nowMs, nowMs, false, evidence));
    }

    /** Tells what an open alert has come to, where that is something else than before. */
    void update(Draft draft, Key key, double value, long atMs, Evidence evidence) {
        Alert alert = open.get(key);
        if (alert == null || alert.value() == value) {
            return;
        }
        Alert now = alert.goingOn(Instant.ofEpochMilli(atMs), value, evidence)
                .published(Alert.nextRevision(alert.revision(), clock.millis()), alert.late());
        open.put(key, now);
        byte[] json = AlertJson.write(now);
        draft.message(Lane.ALERT, json);
        draft.keep(KIND_ALERT, key.text(), json);
    }

    private Alert raised(
            Key key,
            int ruleVersion,
            AlertKind kind,
            Severity severity,
            String metric,
            double value,
            String unit,
            long onsetMs,
            long atMs,
            boolean drill,
            Evidence evidence) {
        return new Alert(
                Alert.idOf(key.rule(), key.subject(), onsetMs),
                Alert.nextRevision(0, clock.millis()),
                AlertState.ACTIVE,
                key.rule(),
                ruleVersion,
                kind,
                severity,
                gateway,
                key.subject(),
                registry.placeOf(key.subject()),
                metric,
                value,
                unit,
                Instant.ofEpochMilli(onsetMs),
                Instant.ofEpochMilli(atMs),
                null,
                false,
                drill,
                evidence);
    }

    private void raise(Draft draft, Key key, Alert alert) {
        if (open.putIfAbsent(key, alert) != null) {
            return;
        }
        if (open.size() > MAX_OPEN) {
            Map.Entry<Key, Alert> oldest = open.entrySet().iterator().next();
            open.remove(oldest.getKey());
            draft.keep(KIND_ALERT, oldest.getKey().text(), null);
            // Here nobody will see it cleared: what it switched on is left to those that are newer.
            listener.accept(oldest.getValue().over(clock.instant()));
        }
        listener.accept(alert);
        byte[] json = AlertJson.write(alert);
        draft.message(Lane.ALERT, json);
        draft.keep(KIND_ALERT, key.text(), json);
    }

    void clear(Draft draft, Key key, double value, long atMs) {
        Alert alert = open.remove(key);
        if (alert == null) {
            return;
        }
        Alert cleared = over(alert, value, atMs);
        listener.accept(cleared);
        draft.message(Lane.ALERT, AlertJson.write(cleared));
        draft.keep(KIND_ALERT, key.text(), null);
    }

    private Alert over(Alert alert, double value, long atMs) {
        return alert.over(Instant.ofEpochMilli(atMs), value, alert.evidence())
                .published(Alert.nextRevision(alert.revision(), clock.millis()), alert.late());
    }

    /** The same with the value that it has. */
    void clear(Draft draft, Key key, long atMs) {
        Alert alert = open.get(key);
        clear(draft, key, alert == null ? 0 : alert.value(), atMs);
    }

    boolean isOpen(String rule, String subject) {
        return open.containsKey(new Key(rule, subject, false));
    }

    List<Key> keys() {
        return List.copyOf(open.keySet());
    }

    int size() {
        return open.size();
    }

    static byte[] json(String profile, RuleState state) {
        try {
            ObjectNode fields = JSON.valueToTree(state);
            return JSON.writeValueAsBytes(fields.put(PROFILE, profile));
        } catch (IOException e) {
            throw new UncheckedIOException("a rule state cannot be written", e);
        }
    }
}
