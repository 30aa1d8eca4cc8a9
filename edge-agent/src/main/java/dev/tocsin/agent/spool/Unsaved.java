package dev.tocsin.agent.spool;

import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Alerts and documents that the disk does not take now. Alerts go to the cloud from here; what the cloud does not have
 * when the disk takes something again goes with the first commit. Bounded by {@link #MAX_ALERTS},
 * {@link #MAX_DOCUMENTS} and {@link #MAX_DOCUMENT_BYTES}, of more the oldest is dropped and counted. Filled and emptied by the writer, read by the
 * uplink; safe for any thread.
 */
final class Unsaved {
    static final int MAX_ALERTS = 1_000;
    /** Every open alert, and every device's last word and state of a rule. */
    static final int MAX_DOCUMENTS = 20_000;
    /** The state of a rule takes kilobytes: so many of them would be more than the heap holds. */
    static final int MAX_DOCUMENT_BYTES = 8 << 20;

    /** By ids below 0, so that they are never taken for a row's. In the order of their raise. */
    private final TreeMap<Long, byte[]> alerts = new TreeMap<>((a, b) -> Long.compare(b, a));

    private final Map<List<String>, Draft.Kept> documents = new LinkedHashMap<>();
    private long documentBytes;
    private long lastId;
    private long dropped;

    /** What the next commit would take along. */
    record Content(List<Long> ids, List<byte[]> alerts, Collection<Draft.Kept> documents) {
        static final Content NOTHING = new Content(List.of(), List.of(), List.of());

        boolean isEmpty() {
            return alerts.isEmpty() && documents.isEmpty();
        }
    }

    synchronized void addAlerts(List<byte[]> bodies) {
        for (byte[] body : bodies) {
            alerts.put(--lastId, body);
        }
        while (alerts.size() > MAX_ALERTS) {
            alerts.pollFirstEntry();
            dropped++;
        }
    }

    synchronized void addDocuments(List<Draft.Kept> some) {
        for (Draft.Kept kept : some) {
            List<String> key = List.of(kept.kind(), kept.key());
            // As the newest: of more than there is room for, what was changed longest ago goes.
            documentBytes -= bytes(documents.remove(key));
            documents.put(key, kept);
            documentBytes += bytes(kept);
        }
        while (documents.size() > MAX_DOCUMENTS || documentBytes > MAX_DOCUMENT_BYTES) {
            documentBytes -=
                    bytes(documents.remove(documents.keySet().iterator().next()));
            dropped++;
        }
    }

    private static int bytes(Draft.@Nullable Kept kept) {
        byte[] body = kept == null ? null : kept.body();
        return body == null ? 0 : body.length;
    }

    /** The cloud has it. */
    synchronized void delivered(long id) {
        alerts.remove(id);
    }

    /** Those after one, in order; 0 for from the oldest on. */
    synchronized List<SpoolReader.Message> alertsAfter(long id, int max) {
        List<SpoolReader.Message> some = new ArrayList<>();
        for (Map.Entry<Long, byte[]> alert : alerts.tailMap(id, false).entrySet()) {
            if (some.size() == max) {
                break;
            }
            some.add(new SpoolReader.Message(alert.getKey(), alert.getValue()));
        }
        return some;
    }

    synchronized Content content() {
        return alerts.isEmpty() && documents.isEmpty()
                ? Content.NOTHING
                : new Content(
                        List.copyOf(alerts.keySet()), List.copyOf(alerts.values()), List.copyOf(documents.values()));
    }

    /** It is on disk; what was added meanwhile is not. */
    synchronized void saved(Content content) {
        content.ids().forEach(alerts::remove);
        for (Draft.Kept kept : content.documents()) {
            if (documents.remove(List.of(kept.kind(), kept.key()), kept)) {
                documentBytes -= bytes(kept);
            }
        }
    }

    synchronized List<Draft.Kept> takeDocuments() {
        List<Draft.Kept> taken = List.copyOf(documents.values());
        documents.clear();
        documentBytes = 0;
        return taken;
    }

    synchronized int alerts() {
        return alerts.size();
    }

    synchronized long dropped() {
        return dropped;
    }
}
