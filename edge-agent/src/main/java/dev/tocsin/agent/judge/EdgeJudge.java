package dev.tocsin.agent.judge;

import dev.tocsin.agent.desired.Registry;
import dev.tocsin.agent.spool.Draft;
import dev.tocsin.agent.spool.SpoolStatus;
import dev.tocsin.agent.spool.Via;
import dev.tocsin.profiles.alert.Alert;
import dev.tocsin.profiles.alert.GatewayTrouble;
import dev.tocsin.profiles.alert.Severity;
import dev.tocsin.profiles.detect.QualityJudge;
import dev.tocsin.profiles.profile.Profile;
import dev.tocsin.profiles.reading.Reading;
import dev.tocsin.profiles.site.EffectiveRules.Effective;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Judges what is about to be stored: absorbs what a device sent before, judges the quality of the rest, whose time the
 * decoder decided, and has the rules held against it. The alert goes into the same commit as the readings that prove it.
 * For the writer thread.
 */
public final class EdgeJudge {
    /** Begins the rules about the gateway itself, which no profile has. */
    public static final String OF_GATEWAY = "gateway/";

    /** The kinds of documents that {@link Memory} is made of. */
    public static final String KIND_ALERT = AlertBook.KIND_ALERT;

    public static final String KIND_STATE = RuleJudge.KIND_STATE;
    public static final String KIND_HEARD = SilenceWatch.KIND_HEARD;

    /** 20,000 devices with five metrics that can jump. */
    private static final int MAX_JUDGED_SERIES = 100_000;

    private final String gateway;
    private final Registry registry;
    private final Clock clock;
    private final LongSupplier monotonicMs;

    private final QualityJudge quality = new QualityJudge(MAX_JUDGED_SERIES);
    private final Strangers strangers;
    private final RulesInForce inForce;
    private final RuleJudge rules;
    private final AlertBook book;
    private final SilenceWatch silence;

    private long registryChange = -1;
    private @Nullable OwnTroubles troubles;

    /** What an earlier run kept in the spool. */
    public record Memory(Map<String, byte[]> alerts, Map<String, byte[]> ruleStates, Map<String, byte[]> heard) {}

    /**
     * @param monotonicMs elapsed time, for silence
     * @param brokersUpSinceMs of each field broker by its way, since when it is connected, by that clock;
     *     {@link Long#MAX_VALUE} for not
     */
    public EdgeJudge(
            String gateway,
            Registry registry,
            Memory memory,
            Clock clock,
            LongSupplier monotonicMs,
            Map<String, LongSupplier> brokersUpSinceMs) {
        this.gateway = gateway;
        this.registry = registry;
        this.clock = clock;
        this.monotonicMs = monotonicMs;
        this.strangers = new Strangers(gateway, registry, monotonicMs);
        this.inForce = new RulesInForce(registry, strangers);
        this.book = new AlertBook(gateway, registry, clock, memory.alerts());
        this.rules = new RuleJudge(inForce, strangers, book, clock);
        this.silence = new SilenceWatch(registry, book, memory.heard(), clock, monotonicMs, brokersUpSinceMs);
        rules.recall(memory.ruleStates());
        recallStrangers();
    }

    /** Looks after the gateway itself, too. */
    public void watchOver(Supplier<SpoolStatus> spool, ClockWatch clockWatch) {
        troubles = new OwnTroubles(gateway, book, clock, monotonicMs, spool, clockWatch);
    }

    /** What an earlier run kept and could not be read at the start; what is known meanwhile is newer. */
    public void recall(Memory memory) {
        // First: of an alert that ended meanwhile the rule knows.
        rules.recall(memory.ruleStates());
        book.recall(memory.alerts(), rules::isOver);
        silence.recall(memory.heard());
        recallStrangers();
    }

    private void recallStrangers() {
        for (AlertBook.Key key : book.keys()) {
            if (GatewayTrouble.of(key.rule()) == null) {
                strangers.recall(key.subject());
            }
        }
    }

    /**
     * Puts the readings of one message into the draft, with what follows from them.
     *
     * @param heardBy how the device was heard just now; nothing where the message says only what was
     */
    public void onReadings(
            Draft draft,
            Profile profile,
            String device,
            boolean replayed,
            List<Reading> readings,
            @Nullable Via heardBy) {
        // Re-sends are sorted out first: the same sample twice is no second witness of anything.
        List<Reading> fresh = quality.judge(profile, replayed, draft.withoutResent(readings));
        if (!fresh.isEmpty()) {
            RuleJudge.Verdict verdict =
                    rules.judge(draft, inForce.of(device, profile), new Subject(device, replayed), fresh);
            draft.readings(device, profile.id(), replayed, fresh);
            rules.conclude(draft, verdict);
        }
        if (heardBy != null && !replayed) {
            silence.heard(draft, device, profile.id(), heardBy);
        }
    }

    /** Stores readings that were judged in passing when they came for the first time: what followed from them is known. */
    public void onJudged(Draft draft, Profile profile, String device, boolean replayed, List<Reading> readings) {
        draft.readings(device, profile.id(), replayed, quality.judge(profile, replayed, draft.withoutResent(readings)));
    }

    /**
     * What a device says that is not enrolled where only enrolled ones are taken. Its readings are not kept as such, but
     * an alarm is shown, at the place of this gateway.
     */
    public void onStranger(Draft draft, Profile profile, String device, List<Reading> readings) {
        Effective alarms = inForce.ofStranger(device, profile);
        if (alarms.profile().rules().isEmpty()) {
            return;
        }
        RuleJudge.Verdict verdict =
                rules.judge(draft, alarms, new Subject(device, false), quality.judge(profile, false, readings));
        if (!verdict.changed().isEmpty() || strangers.isRemembered(device)) {
            strangers.remember(device);
        }
        rules.conclude(draft, verdict);
    }

    /** Ends delays that ran out and looks for silent devices; to be called a few times a second. */
    public void tick(Draft draft) {
        book.dropUnreadable(draft);
        book.clearEnded(draft);
        rules.wake(draft);
        if (registryChange != registry.changes()) {
            registryChange = registry.changes();
            silence.prune(draft);
            rules.letGoOfWhatIsGone(draft);
        }
        silence.look(draft);
        strangers.gone().forEach(stranger -> rules.letGoOf(draft, stranger));
        if (troubles != null) {
            troubles.look(draft);
        }
    }

    /** Told of each alert that is raised or cleared, before it is on disk; on the writer thread, must not wait. */
    public void onAlert(Consumer<Alert> listener) {
        book.onAlert(listener);
    }

    /** The alerts that stand; before the writer thread runs, or on it. */
    public List<Alert> open() {
        return book.open();
    }

    /**
     * Something of the gateway itself does not work, or works again.
     *
     * @param rule below {@link #OF_GATEWAY}
     */
    public void trouble(Draft draft, String rule, Severity severity, boolean stands) {
        if (stands) {
            book.raiseTrouble(draft, rule, severity);
        } else {
            book.clear(draft, new AlertBook.Key(rule, gateway, false), 0, clock.millis());
        }
    }

    /**
     * Lets go of what latching rules of a device hold; what is still so is raised again by its next reading.
     *
     * @param rule that one only; nothing for all of the device
     * @return the rules that were reset
     */
    public List<String> reset(Draft draft, String device, @Nullable String rule) {
        return rules.reset(draft, device, rule);
    }

    /** Records of earlier runs that could not be read, since the start. */
    public int unreadableRecords() {
        return book.unreadableRecords();
    }

    public int openAlerts() {
        return book.size();
    }
}
