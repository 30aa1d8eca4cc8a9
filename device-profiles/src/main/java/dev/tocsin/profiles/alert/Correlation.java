package dev.tocsin.profiles.alert;

import dev.tocsin.profiles.profile.LocalText;
import dev.tocsin.profiles.reading.Limits;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What other alerts of the same place, and the alert's own past, say of it. It only grows while the alert is open.
 *
 * @param confirmed by other alerts, which happened near it in place and time
 * @param spread how far what it began has come; stands on the first alert only
 * @param group of many alerts of one kind, to which it belongs
 * @param chatter its rule raised and cleared again and again
 * @param urgentSince revision at which it last became a matter for somebody anew, though neither its severity nor
 *     {@code drill} tells; an acknowledgement of a lower revision does not cover it. 0 where it never did
 */
public record Correlation(
        @Nullable Confirmation confirmed,
        @Nullable Spread spread,
        @Nullable Group group,
        @Nullable Chatter chatter,
        long urgentSince) {

    public static final int MAX_WITNESSES = 16;
    public static final Correlation NONE = new Correlation(null, null, null, null, 0);

    /**
     * More than one sign of the same thing.
     *
     * @param rule of the correlation rules
     * @param version of the correlation rules
     * @param name what it is, for people
     * @param at onset of the alert that made it sure
     * @param by the others, oldest first; at most {@link #MAX_WITNESSES}
     */
    public record Confirmation(String rule, int version, LocalText name, Instant at, List<Witness> by) {
        public Confirmation {
            if (by.size() > MAX_WITNESSES) {
                throw new IllegalArgumentException("more than " + MAX_WITNESSES + " witnesses");
            }
            by = List.copyOf(by);
        }
    }

    /**
     * Another alert.
     *
     * @param alert its id
     * @param place name of its place
     */
    public record Witness(String alert, String rule, String device, String place, Instant onset) {
        public static Witness of(Alert alert) {
            return new Witness(
                    alert.id(), alert.rule(), alert.device(), alert.place().name(), alert.onset());
        }
    }

    /**
     * @param origin id of the first alert
     * @param place name of the first alert's place, where it began
     * @param devices that have raised, from 1
     * @param places in which they stand, from 1
     * @param step of the correlation rule that was reached, from 1; 0 before the first
     */
    public record Spread(String rule, String origin, String place, int devices, int places, int step) {}

    /**
     * @param origin id of the first alert
     * @param count how many there were when this was written, of which the first alert knows most
     */
    public record Group(String rule, String origin, int count) {}

    /**
     * @param raises since then
     * @param since the first of them
     */
    public record Chatter(int raises, Instant since) {}

    public Correlation confirmed(Confirmation by) {
        return new Correlation(by, spread, group, chatter, urgentSince);
    }

    public Correlation spread(Spread how) {
        return new Correlation(confirmed, how, group, chatter, urgentSince);
    }

    public Correlation grouped(Group which) {
        return new Correlation(confirmed, spread, which, chatter, urgentSince);
    }

    public Correlation chattering(@Nullable Chatter how) {
        return new Correlation(confirmed, spread, group, how, urgentSince);
    }

    public Correlation urgentSince(long revision) {
        return new Correlation(confirmed, spread, group, chatter, Math.max(urgentSince, revision));
    }

    /** This with whatever {@code newer} says; its chatter stays, which is for the alert's own life to say. */
    public Correlation and(Correlation newer) {
        return new Correlation(
                newer.confirmed == null ? confirmed : newer.confirmed,
                newer.spread == null ? spread : newer.spread,
                newer.group == null ? group : newer.group,
                chatter,
                Math.max(urgentSince, newer.urgentSince));
    }

    /** @throws IllegalArgumentException naming the field that is missing or wrong */
    void require() {
        if (confirmed != null) {
            Limits.text("correlation.confirmed.rule", confirmed.rule(), Limits.TEXT);
            Limits.text("correlation.confirmed.name.en", confirmed.name().en(), Limits.WORDS);
            Limits.text("correlation.confirmed.name.zh", confirmed.name().zh(), Limits.WORDS);
            Limits.instant("correlation.confirmed.at", confirmed.at());
            for (Witness witness : confirmed.by()) {
                Limits.text("correlation.confirmed.by.alert", witness.alert(), Limits.TEXT);
                Limits.text("correlation.confirmed.by.rule", witness.rule(), Limits.TEXT);
                Limits.text("correlation.confirmed.by.device", witness.device(), Limits.TEXT);
                Limits.text("correlation.confirmed.by.place", witness.place(), Limits.WORDS);
                Limits.instant("correlation.confirmed.by.onset", witness.onset());
            }
        }
        if (spread != null) {
            Limits.text("correlation.spread.rule", spread.rule(), Limits.TEXT);
            Limits.text("correlation.spread.origin", spread.origin(), Limits.TEXT);
            Limits.text("correlation.spread.place", spread.place(), Limits.WORDS);
        }
        if (group != null) {
            Limits.text("correlation.group.rule", group.rule(), Limits.TEXT);
            Limits.text("correlation.group.origin", group.origin(), Limits.TEXT);
        }
        if (chatter != null) {
            Limits.instant("correlation.chatter.since", chatter.since());
        }
    }
}
