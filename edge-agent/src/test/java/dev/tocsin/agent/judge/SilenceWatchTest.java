package dev.tocsin.agent.judge;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tocsin.agent.desired.Registry;
import dev.tocsin.agent.spool.Draft;
import dev.tocsin.agent.spool.Spool;
import dev.tocsin.agent.spool.SpoolLimits;
import dev.tocsin.agent.spool.Spools;
import dev.tocsin.agent.spool.Steps;
import dev.tocsin.agent.spool.Via;
import dev.tocsin.profiles.alert.Alert;
import dev.tocsin.profiles.alert.AlertKind;
import dev.tocsin.profiles.alert.AlertState;
import dev.tocsin.profiles.alert.Place;
import dev.tocsin.profiles.alert.Severity;
import dev.tocsin.profiles.desired.DesiredJson;
import dev.tocsin.profiles.desired.GatewayState;
import dev.tocsin.profiles.desired.GatewayState.EnrolledDevice;
import dev.tocsin.profiles.desired.GatewayState.Enrolment;
import dev.tocsin.profiles.profile.ProfileCatalog;
import dev.tocsin.profiles.wire.Topics;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SilenceWatchTest {
    /** More than the 60 s of {@code senml-room}. */
    private static final long LONG_ENOUGH_MS = 61_000;

    private static final Via FIRST = new Via("MQTT", 1);
    private static final Via HALL = new Via("MQTT@hall", 1);

    @TempDir
    Path folder;

    private final Registry registry =
            new Registry("gw-1", Enrolment.CLOSED, ProfileCatalog.builtIn(), Clock.systemUTC(), () -> true);

    private long nowMs = 1_000_000;
    private long fieldUpSinceMs = 1_000_000;
    private Spool spool;
    private SilenceWatch watch;

    private final Map<String, LongSupplier> brokers = new LinkedHashMap<>(Map.of(FIRST.way(), () -> fieldUpSinceMs));

    @BeforeEach
    void open() {
        Place place = new Place(new String[] {"district"}, "hall", null, null);
        EnrolledDevice device = new EnrolledDevice("room-1", "senml-room", "Room", place);
        GatewayState state = new GatewayState(1, "gw-1", "Gateway", place, Enrolment.OPEN, List.of(device));
        registry.apply(Topics.stateOfGateway("gw-1"), DesiredJson.write(state));
        SpoolLimits limits = Spools.limits(1 << 20, 100, 100);
        spool = Spools.of(folder.resolve("spool.db"), limits);
        spool.start(commit -> {}, () -> {});
        start();
    }

    /** The agent's process begins, with what an earlier one kept. */
    private void start() {
        AlertBook book = new AlertBook("gw-1", registry, Clock.systemUTC(), spool.kept(AlertBook.KIND_ALERT));
        Map<String, byte[]> kept = spool.kept(SilenceWatch.KIND_HEARD);
        watch = new SilenceWatch(registry, book, kept, Clock.systemUTC(), () -> nowMs, brokers);
    }

    @AfterEach
    void close() {
        spool.close();
    }

    private void run(Consumer<Draft> into) {
        Steps.commit(spool, into);
    }

    /** Time goes by as it does: with a look every second. */
    private void pass(long ms) {
        run(draft -> {
            for (long end = nowMs + ms; nowMs < end; ) {
                nowMs += 1_000;
                watch.look(draft);
            }
        });
    }

    private List<Alert> alerts() {
        return Spools.alerts(spool);
    }

    @Test
    void anEnrolledDeviceNeverHeardIsSilentAfterItsWholeIntervalAndClearsWithItsFirstMessage() {
        pass(59_000);
        assertThat(alerts()).isEmpty();
        pass(2_000);
        pass(LONG_ENOUGH_MS);
        assertThat(alerts()).hasSize(1);
        assertThat(alerts().get(0).kind()).isEqualTo(AlertKind.TROUBLE);
        assertThat(alerts().get(0).rule()).isEqualTo("senml-room/silence");
        assertThat(alerts().get(0).place().name()).isEqualTo("hall");

        run(draft -> watch.heard(draft, "room-1", "senml-room", FIRST));
        assertThat(alerts()).hasSize(2);
        assertThat(alerts().get(1).state()).isEqualTo(AlertState.CLEARED);
        assertThat(alerts().get(1).id()).isEqualTo(alerts().get(0).id());
    }

    @Test
    void aDeviceThatIsEnrolledAfterItsMessageIsNotSilentBeforeItsIntervalIsOver() {
        pass(LONG_ENOUGH_MS);
        run(draft -> watch.heard(draft, "office", "senml-room", FIRST));
        Place place = new Place(new String[] {"district"}, "hall", null, null);
        EnrolledDevice office = new EnrolledDevice("office", "senml-room", "Office", place);
        GatewayState state = new GatewayState(2, "gw-1", "Gateway", place, Enrolment.OPEN, List.of(office));
        registry.apply(Topics.stateOfGateway("gw-1"), DesiredJson.write(state));
        pass(LONG_ENOUGH_MS / 2);
        assertThat(alerts()).noneMatch(alert -> alert.device().equals("office"));
        pass(LONG_ENOUGH_MS);
        assertThat(alerts()).anyMatch(alert -> alert.device().equals("office"));
    }

    @Test
    void timeInWhichTheFieldBrokerIsAwayDoesNotCountAndAfterItsReturnWhatItHeldHasTimeToComeIn() {
        pass(50_000);
        fieldUpSinceMs = Long.MAX_VALUE;
        pass(10 * LONG_ENOUGH_MS);
        fieldUpSinceMs = nowMs;
        pass(SilenceWatch.CATCH_UP_MS - 1_000);
        assertThat(alerts()).isEmpty();
        pass(2_000);
        assertThat(alerts()).hasSize(1);
    }

    @Test
    void aFieldBrokerThatComesAndGoesDoesNotBeginTheIntervalAnew() {
        for (int i = 0; i < 4; i++) {
            fieldUpSinceMs = Long.MAX_VALUE;
            pass(5_000);
            fieldUpSinceMs = nowMs;
            pass(40_000);
        }
        assertThat(alerts()).hasSize(1);
    }

    @Test
    void theTimeInWhichAnAgentWasHeldUpDoesNotCount() {
        pass(50_000);
        nowMs += 600_000;
        pass(SilenceWatch.CATCH_UP_MS - 5_000);
        assertThat(alerts()).isEmpty();
        pass(10_000);
        assertThat(alerts()).hasSize(1);
    }

    @Test
    void aDeviceThatSpeaksByCoapIsMissedThoughNoFieldBrokerIsThere() {
        run(draft -> watch.heard(draft, "room-1", "senml-room", Via.COAP));
        fieldUpSinceMs = Long.MAX_VALUE;
        pass(2 * LONG_ENOUGH_MS);
        assertThat(alerts()).hasSize(1);
    }

    @Test
    void anIntervalGoesOnOverRestarts() {
        for (int i = 0; i < 3; i++) {
            pass(40_000);
            nowMs += 3_600_000;
            fieldUpSinceMs = nowMs;
            start();
        }
        pass(61_000);
        assertThat(alerts()).hasSize(1);
    }

    @Test
    void whoWasHeardShortlyBeforeAKillIsNotCalledSilentForWhatThePastRunsMissed() {
        pass(59_000);
        run(draft -> watch.heard(draft, "room-1", "senml-room", FIRST));
        nowMs += 1_000;
        fieldUpSinceMs = nowMs;
        start();
        pass(50_000);
        assertThat(alerts()).isEmpty();
    }

    private void startWithTwoBrokers(LongSupplier hallUpSinceMs) {
        brokers.put(HALL.way(), hallUpSinceMs);
        start();
    }

    @Test
    void aDeviceIsMissedByTheBrokerOnWhichItWasHeardWhateverBecomesOfTheOthers() {
        startWithTwoBrokers(() -> fieldUpSinceMs + 1);
        run(draft -> watch.heard(draft, "room-1", "senml-room", FIRST));
        brokers.put(HALL.way(), () -> Long.MAX_VALUE);
        start();
        pass(LONG_ENOUGH_MS);
        assertThat(alerts()).hasSize(1);
    }

    @Test
    void aDeviceIsNotMissedWhileTheBrokerOnWhichItWasHeardIsAway() {
        startWithTwoBrokers(() -> Long.MAX_VALUE);
        run(draft -> watch.heard(draft, "room-1", "senml-room", HALL));
        pass(10 * LONG_ENOUGH_MS);
        assertThat(alerts()).isEmpty();
    }

    @Test
    void aDeviceThatNeverSpokeIsNotMissedWhileItMayBeSpeakingToABrokerThatIsAway() {
        startWithTwoBrokers(() -> Long.MAX_VALUE);
        pass(10 * LONG_ENOUGH_MS);
        assertThat(alerts()).isEmpty();
    }

    @Test
    void whoWasHeardByABrokerThatIsNoLongerConfiguredIsMissedByTheOthers() {
        startWithTwoBrokers(() -> fieldUpSinceMs);
        run(draft -> watch.heard(draft, "room-1", "senml-room", HALL));
        brokers.remove(HALL.way());
        start();
        pass(50_000);
        assertThat(alerts()).isEmpty();
        pass(LONG_ENOUGH_MS);
        assertThat(alerts()).hasSize(1);
    }

    @Test
    void aDeviceThatIsNotEnrolledIsWatchedOnceItWasHeard() {
        run(draft -> watch.heard(draft, "guest", "senml-room", FIRST));
        pass(LONG_ENOUGH_MS);
        assertThat(alerts()).extracting(Alert::device).containsExactlyInAnyOrder("guest", "room-1");
    }

    private void rules(int version, String change) {
        String set = "id: site\nversion: " + version + "\nchanges: [{rule: senml-room/silence, " + change + "}]";
        registry.apply(Topics.stateOfRules("site"), set.getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void aSiteTunesAfterHowLongADeviceIsSilentAndHowMuchItMattersAndAnAlertNamesTheRuleSet() {
        rules(1_000_000, "on-delay: 10m, severity: major");
        pass(2 * LONG_ENOUGH_MS);
        assertThat(alerts()).isEmpty();
        pass(480_000);
        assertThat(alerts()).singleElement().satisfies(alert -> {
            assertThat(alert.severity()).isEqualTo(Severity.MAJOR);
            assertThat(alert.ruleVersion()).isEqualTo(1_000_000);
        });
    }

    @Test
    void aSilenceThatIsShelvedOrAllowedToLastLongerIsOverAndShelvingEndsByItself() {
        pass(LONG_ENOUGH_MS);
        rules(1_000_000, "shelved-until: '2100-01-01T00:00:00Z', reason: roof works");
        pass(1_000);
        assertThat(alerts()).extracting(Alert::state).containsExactly(AlertState.ACTIVE, AlertState.CLEARED);
        rules(1_000_001, "shelved-until: '2020-01-01T00:00:00Z', reason: roof works");
        pass(1_000);
        assertThat(alerts()).hasSize(3);
        rules(1_000_002, "on-delay: 10m");
        pass(1_000);
        assertThat(alerts()).extracting(Alert::state).endsWith(AlertState.ACTIVE, AlertState.CLEARED);
    }

    @Test
    void theSilenceOfALifeSafetyDeviceCannotBeDisabled() {
        rules(1_000_000, "enabled: false");
        pass(LONG_ENOUGH_MS);
        assertThat(alerts()).hasSize(1);
    }
}
