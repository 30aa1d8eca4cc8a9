package dev.tocsin.cloud.live;

import dev.tocsin.cloud.devices.Conditions;
import dev.tocsin.cloud.http.Json;
import dev.tocsin.profiles.alert.Alert;
import dev.tocsin.profiles.alert.AlertKind;
import dev.tocsin.profiles.alert.AlertState;
import dev.tocsin.profiles.alert.Severity;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Every open alert: active, or cleared and not yet acknowledged. Of one alert a higher revision replaces a lower one and
 * a later acknowledgement event an earlier one, wherever they come from; so order and repetition do not matter. Safe
 * for any thread; the listener is called in the order of the changes, under the lock.
 */
public final class LiveAlerts implements Conditions {
    /** Unacknowledged, severity, newest onset first; the id makes it total. */
    private static final Comparator<Entry> MOST_URGENT_FIRST = Comparator.<Entry, Boolean>comparing(
                    entry -> entry.view().acknowledged() != null)
            .thenComparing(entry -> entry.alert().severity())
            .thenComparing(entry -> entry.alert().onset(), Comparator.reverseOrder())
            .thenComparing(entry -> entry.alert().id());

    /** More are not held: the least urgent one makes room. */
    public static final int MAX_OPEN = 20_000;
    /** Closed ones are remembered, so that a repeated message does not open them again. */
    static final int MAX_CLOSED = 10_000;

    private final AlertNames names;
    private final Listener listener;
    /** All guarded by this. */
    private final Map<String, Entry> open = new HashMap<>();

    private final Map<String, Entry> closed = new LinkedHashMap<>();
    private final Map<String, Set<String>> openByDevice = new HashMap<>();
    private final Set<String> acknowledgementUnknown = new HashSet<>();
    private long evicted;

    /** An alert at one moment, and how it is written. */
    public record Entry(AlertView view, Acknowledgement acknowledgement, String json) {
        boolean isOpen() {
            return view.alert().state() == AlertState.ACTIVE || view.acknowledged() == null;
        }

        Alert alert() {
            return view.alert();
        }
    }

    /** Hears of every change; must not wait. */
    public interface Listener {
        void changed(Entry entry);
    }

    public LiveAlerts(AlertNames names, Listener listener) {
        this.names = names;
        this.listener = listener;
    }

    /** Takes a publication from the alert topic; false when it was known already. */
    public synchronized boolean apply(Alert alert, Instant receivedAt) {
        Entry known = find(alert.id());
        if (known == null) {
            acknowledgementUnknown.add(alert.id());
        }
        return put(alert, receivedAt, known == null ? Acknowledgement.NONE : known.acknowledgement(), known);
    }

    /** Takes what an earlier process held; whether it was acknowledged since is for the store to say. */
    synchronized void restore(Alert alert, Acknowledgement acknowledgement, Instant receivedAt) {
        Entry known = find(alert.id());
        boolean newer = known == null
                || alert.revision() > known.alert().revision()
                || acknowledgement.event() > known.acknowledgement().event();
        if (newer) {
            acknowledgementUnknown.add(alert.id());
            set(alert, receivedAt, acknowledgement);
        }
    }

    /** Gives open alerts the names that the registry has by now. */
    public synchronized void refreshNames() {
        for (Entry entry : List.copyOf(open.values())) {
            AlertView view = entry.view();
            if (!names.view(view.alert(), view.acknowledged(), view.receivedAt())
                    .equals(view)) {
                set(view.alert(), view.receivedAt(), entry.acknowledgement());
            }
        }
    }

    /** Everything that is remembered. */
    synchronized List<Entry> held() {
        List<Entry> all = new ArrayList<>(closed.values());
        all.addAll(open.values());
        return all;
    }

    /** Takes what the store has. */
    public synchronized void merge(Alert alert, Acknowledgement stored) {
        Entry known = find(alert.id());
        acknowledgementUnknown.remove(alert.id());
        Acknowledgement newest =
                known == null || stored.event() > known.acknowledgement().event() ? stored : known.acknowledgement();
        put(alert, Instant.ofEpochMilli(alert.revision()), newest, known);
        acknowledged(alert.id(), newest);
    }

    /** Takes an event of acknowledging or undoing; nothing happens to an alert that is not held. */
    public synchronized @Nullable Entry acknowledged(String id, Acknowledgement event) {
        Entry known = find(id);
        acknowledgementUnknown.remove(id);
        if (known == null || event.event() <= known.acknowledgement().event()) {
            return known;
        }
        return set(known.alert(), known.view().receivedAt(), event);
    }

    /** Alerts that came from the topic and of which nobody has asked the store yet whether they were acknowledged. */
    public synchronized List<String> takeAcknowledgementUnknown() {
        return new ArrayList<>(acknowledgementUnknown);
    }

    /** Nothing is stored of these. */
    public synchronized void acknowledgementKnown(List<String> ids) {
        ids.forEach(acknowledgementUnknown::remove);
    }

    public synchronized @Nullable Entry find(String id) {
        Entry entry = open.get(id);
        return entry == null ? closed.get(id) : entry;
    }

    /** Open alerts, newest onset first. */
    public synchronized List<Entry> openNewestFirst() {
        List<Entry> entries = new ArrayList<>(open.values());
        entries.sort(Comparator.<Entry, Instant>comparing(entry -> entry.alert().onset())
                .thenComparing(entry -> entry.alert().id())
                .reversed());
        return entries;
    }

    /** Open alerts in the order in which they need somebody. */
    synchronized List<Entry> openMostUrgentFirst() {
        List<Entry> entries = new ArrayList<>(open.values());
        entries.sort(MOST_URGENT_FIRST);
        return entries;
    }

    public synchronized int openCount() {
        return open.size();
    }

    public synchronized long evicted() {
        return evicted;
    }

    @Override
    public synchronized Condition of(String device) {
        State state = State.NORMAL;
        Severity worst = null;
        for (String id : openByDevice.getOrDefault(device, Set.of())) {
            Entry entry = open.get(id);
            if (entry == null || entry.alert().state() != AlertState.ACTIVE) {
                continue;
            }
            State one = stateOf(entry.alert());
            state = one.compareTo(state) < 0 ? one : state;
            Severity severity = entry.alert().severity();
            worst = worst == null || severity.compareTo(worst) < 0 ? severity : worst;
        }
        return new Condition(state, worst);
    }

    @Override
    public synchronized List<AlertView> openAlertsOf(String device) {
        List<AlertView> views = new ArrayList<>();
        for (String id : openByDevice.getOrDefault(device, Set.of())) {
            Entry entry = open.get(id);
            if (entry != null) {
                views.add(entry.view());
            }
        }
        views.sort(Comparator.<AlertView, Instant>comparing(view -> view.alert().onset())
                .reversed());
        return views;
    }

    /** Devices that have an open alert. */
    synchronized Set<String> devicesWithAlerts() {
        return Set.copyOf(openByDevice.keySet());
    }

    private boolean put(Alert alert, Instant receivedAt, Acknowledgement acknowledgement, @Nullable Entry known) {
        if (known != null && known.alert().revision() >= alert.revision()) {
            return false;
        }
        set(alert, receivedAt, acknowledgement);
        return true;
    }

    private Entry set(Alert alert, Instant receivedAt, Acknowledgement acknowledgement) {
        AlertView view = names.view(alert, acknowledgement.of(alert), receivedAt);
        Entry entry = new Entry(view, acknowledgement, Json.write(view));
        String id = alert.id();
        remove(id);
        if (entry.isOpen()) {
            if (open.size() >= MAX_OPEN) {
                makeRoom();
            }
            open.put(id, entry);
            openByDevice
                    .computeIfAbsent(alert.device(), device -> new HashSet<>())
                    .add(id);
        } else {
            closed.put(id, entry);
            if (closed.size() > MAX_CLOSED) {
                closed.remove(closed.keySet().iterator().next());
            }
        }
        listener.changed(entry);
        return entry;
    }

    private void remove(String id) {
        closed.remove(id);
        Entry old = open.remove(id);
        if (old != null) {
            openByDevice.computeIfPresent(old.alert().device(), (device, ids) -> {
                ids.remove(id);
                return ids.isEmpty() ? null : ids;
            });
        }
    }

    private void makeRoom() {
        Entry last = Collections.max(open.values(), MOST_URGENT_FIRST);
        remove(last.alert().id());
        acknowledgementUnknown.remove(last.alert().id());
        evicted++;
    }

    private static State stateOf(Alert alert) {
        if (alert.kind() == AlertKind.TEST) {
            return State.NORMAL;
        }
        if (AlertNames.isSilence(alert.rule())) {
            return State.SILENT;
        }
        return alert.kind() == AlertKind.TROUBLE || alert.kind() == AlertKind.SUPERVISORY ? State.TROUBLE : State.ALARM;
    }
}
