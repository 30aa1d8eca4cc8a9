package dev.tocsin.agent.judge;

import com.fasterxml.jackson.databind.ObjectMapper;
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
import dev.tocsin.profiles.wire.Lane;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Clock;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The alerts that this agent holds open: at most one a rule and subject. Each is stored with the state of its rule, so
 * that after a restart it is neither raised twice nor left standing. For the writer thread.
 */
final class AlertBook {
    static final String KIND_ALERT = "alert";
    static final String KIND_STATE = "rule-state";

    private static final ObjectMapper JSON = new ObjectMapper();

    private final String gateway;
    private final Registry registry;
    private final Clock clock;
    private final Map<Key, Alert> open = new HashMap<>();

    record Key(String rule, String subject) {
        String text() {
            return rule + "\n" + subject;
        }
    }

    AlertBook(String gateway, Registry registry, Clock clock, Map<String, byte[]> kept) {
        this.gateway = gateway;
        this.registry = registry;
        this.clock = clock;
        for (byte[] json : kept.values()) {
            Alert alert = AlertJson.read(json);
            open.put(new Key(alert.rule(), alert.device()), alert);
        }
    }

    static RuleState state(byte[] json) {
        try {
            return JSON.readValue(json, RuleState.class);
        } catch (IOException e) {
            throw new UncheckedIOException("a kept rule state cannot be read", e);
        }
    }

    /** @param state of the rule, to be restored after a restart */
    void onFinding(Draft draft, Finding finding, @Nullable RuleState state) {
        Key key = new Key(finding.rule(), finding.device());
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
            if (raise(draft, key, alert) && state != null) {
                draft.keep(KIND_STATE, key.text(), json(state));
            }
        } else {
            clear(draft, key, finding.value(), finding.atMs());
        }
    }

    void raiseSilence(Draft draft, String rule, int ruleVersion, String device, long sinceMs, long nowMs) {
        Key key = new Key(rule, device);
        raise(
                draft,
                key,
                raised(
                        key,
                        ruleVersion,
                        AlertKind.TROUBLE,
                        Severity.MINOR,
                        "",
                        0,
                        "",
                        sinceMs,
                        nowMs,
                        false,
                        Evidence.NONE));
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

    private boolean raise(Draft draft, Key key, Alert alert) {
        if (open.putIfAbsent(key, alert) != null) {
            return false;
        }
        byte[] json = AlertJson.write(alert);
        draft.message(Lane.ALERT, json);
        draft.keep(KIND_ALERT, key.text(), json);
        return true;
    }

    void clear(Draft draft, Key key, double value, long atMs) {
        Alert alert = open.remove(key);
        if (alert == null) {
            return;
        }
        Instant at = Instant.ofEpochMilli(Math.max(atMs, alert.onset().toEpochMilli()));
        Alert cleared = new Alert(
                alert.id(),
                Alert.nextRevision(alert.revision(), clock.millis()),
                AlertState.CLEARED,
                alert.rule(),
                alert.ruleVersion(),
                alert.kind(),
                alert.severity(),
                alert.gateway(),
                alert.device(),
                alert.place(),
                alert.metric(),
                value,
                alert.unit(),
                alert.onset(),
                at,
                at,
                alert.late(),
                alert.drill(),
                alert.evidence());
        draft.message(Lane.ALERT, AlertJson.write(cleared));
        draft.keep(KIND_ALERT, key.text(), null);
        draft.keep(KIND_STATE, key.text(), null);
    }

    boolean isOpen(String rule, String subject) {
        return open.containsKey(new Key(rule, subject));
    }

    List<Key> keys() {
        return List.copyOf(open.keySet());
    }

    int size() {
        return open.size();
    }

    private static byte[] json(RuleState state) {
        try {
            return JSON.writeValueAsBytes(state);
        } catch (IOException e) {
            throw new UncheckedIOException("a rule state cannot be written", e);
        }
    }
}
