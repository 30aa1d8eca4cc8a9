package dev.tocsin.stream.life;

import dev.tocsin.profiles.alert.Alert;
import dev.tocsin.profiles.alert.AlertKind;
import dev.tocsin.profiles.alert.Correlation;
import dev.tocsin.profiles.correlate.CorrelationRules.Chattering;
import java.time.Instant;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * What becomes of a {@link Matter} that raises too often: no clearance ends it until it is quiet, and its raises are
 * told of now and then. The fields stay the matter's own, because savepoints have them there.
 */
final class Chatter {
    private final Matter matter;

    Chatter(Matter matter) {
        this.matter = matter;
    }

    /** Notes a raise; the alert says so, and stays open until it is quiet, when there were too many of them lately. */
    Alert raised(Alert claimed, Chattering chattering, long nowMs) {
        long atMs = claimed.updated().toEpochMilli();
        if (matter.raisedInDrill != claimed.drill()) {
            Arrays.fill(matter.raisedAtMs, Long.MIN_VALUE);
            matter.raisedInDrill = claimed.drill();
        }
        note(atMs);
        long firstMs = atMs;
        int count = 0;
        for (long raisedMs : matter.raisedAtMs) {
            if (raisedMs != Long.MIN_VALUE && raisedMs <= atMs && atMs - raisedMs < chattering.withinMs()) {
                count++;
                firstMs = Math.min(firstMs, raisedMs);
            }
        }
        if (count < chattering.raises()) {
            return claimed;
        }
        matter.chatters = true;
        matter.changedAtMs = nowMs;
        matter.quietMs = chattering.quietMs();
        matter.calledAtMs = atMs;
        matter.toldRaises = count;
        return claimed.correlated(
                claimed.kind(),
                claimed.severity(),
                claimed.said().chattering(new Correlation.Chatter(count, Instant.ofEpochMilli(firstMs))));
    }

    private void note(long atMs) {
        long[] raisedAtMs = matter.raisedAtMs;
        System.arraycopy(raisedAtMs, 1, raisedAtMs, 0, raisedAtMs.length - 1);
        raisedAtMs[raisedAtMs.length - 1] = atMs;
    }

    /**
     * One raise more. It is published only now and then, each time when there are twice as many; and when an alarm has
     * gone on so for long, it calls somebody again.
     *
     * @param joined what is to be published for another reason
     */
    @Nullable
    Alert raisedAgain(Alert claimed, Chattering chattering, @Nullable Alert joined, long nowMs) {
        long atMs = claimed.updated().toEpochMilli();
        Alert current = matter.current();
        Correlation said = current.said();
        Correlation.Chatter before = said.chatter();
        matter.end = null;
        matter.changedAtMs = nowMs;
        if (before == null || atMs <= matter.raisedAtMs[matter.raisedAtMs.length - 1]) {
            return joined;
        }
        note(atMs);
        said = said.chattering(new Correlation.Chatter(before.raises() + 1, before.since()));
        boolean remind = current.kind() == AlertKind.ALARM && atMs - matter.calledAtMs >= chattering.remindMs();
        if (remind) {
            matter.calledAtMs = atMs;
            said = said.urgentSince(Alert.nextRevision(matter.revision, nowMs));
        }
        Alert counted = current.correlated(current.kind(), current.severity(), said);
        if (joined == null && !remind && before.raises() + 1 < 2 * matter.toldRaises) {
            matter.published = counted;
            return null;
        }
        matter.toldRaises = before.raises() + 1;
        return matter.publish(counted, counted.late(), nowMs);
    }

    /** Nobody holds it any more: what ended it ends the alert, unless somebody claims it before it is quiet. */
    void released(Alert claimed, long nowMs) {
        matter.end = claimed;
        matter.changedAtMs = nowMs;
    }

    /** Wall clock at which it is over, if nothing changes until then. */
    long quietAtMs() {
        return matter.changedAtMs + matter.quietMs;
    }

    /** What stays when the chatter is over is meant: it calls somebody again. */
    Alert quiet(long nowMs) {
        matter.chatters = false;
        Alert last = matter.current();
        if (matter.open()) {
            Correlation said = last.said().chattering(null).urgentSince(Alert.nextRevision(matter.revision, nowMs));
            return matter.publish(last.correlated(last.kind(), last.severity(), said), last.late(), nowMs);
        }
        Alert over = matter.end == null ? last.over(last.updated()) : matter.end;
        matter.end = null;
        return matter.close(over, nowMs);
    }
}
