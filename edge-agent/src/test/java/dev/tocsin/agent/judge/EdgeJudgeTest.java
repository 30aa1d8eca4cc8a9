package dev.tocsin.agent.judge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.tocsin.agent.desired.Registry;
import dev.tocsin.agent.spool.Draft;
import dev.tocsin.agent.spool.Spool;
import dev.tocsin.agent.spool.SpoolLimits;
import dev.tocsin.agent.spool.SpoolReader;
import dev.tocsin.agent.spool.Spools;
import dev.tocsin.agent.spool.Via;
import dev.tocsin.agent.spool.Work;
import dev.tocsin.profiles.alert.Alert;
import dev.tocsin.profiles.alert.AlertJson;
import dev.tocsin.profiles.alert.AlertState;
import dev.tocsin.profiles.alert.Place;
import dev.tocsin.profiles.desired.DesiredJson;
import dev.tocsin.profiles.desired.GatewayState;
import dev.tocsin.profiles.desired.GatewayState.EnrolledDevice;
import dev.tocsin.profiles.desired.GatewayState.Enrolment;
import dev.tocsin.profiles.profile.Profile;
import dev.tocsin.profiles.profile.ProfileCatalog;
import dev.tocsin.profiles.profile.ProfileException;
import dev.tocsin.profiles.reading.Quality;
import dev.tocsin.profiles.reading.Reading;
import dev.tocsin.profiles.wire.Lane;
import dev.tocsin.profiles.wire.Topics;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EdgeJudgeTest {
    private static final String SLOW = """
            id: slow
            version: 1
            name: {en: Slow, zh: Slow}
            category: climate
            codec: {type: senml}
            metrics:
              temperature: {unit: Cel, label: {en: Temperature, zh: Temperature}, min: -40, max: 1500}
            rules:
              - id: hot
                metric: temperature
                when: {above: 57, clear: 50}
                on-delay: 10s
                kind: alarm
                severity: critical
                name: {en: Hot, zh: Hot}
            """;

    private static final Via MQTT = new Via("MQTT", 1);

    @TempDir
    Path folder;

    private long nowMs = 1_800_000_000_000L;
    private final Clock clock = new Clock() {
        @Override
        public ZoneId getZone() {
            return ZoneOffset.UTC;
        }

        @Override
        public Clock withZone(ZoneId zone) {
            return this;
        }

        @Override
        public Instant instant() {
            return Instant.ofEpochMilli(nowMs);
        }
    };
    private final Registry registry =
            new Registry("gw-1", Enrolment.CLOSED, ProfileCatalog.builtIn(), clock, () -> true);
    private Spool spool;
    private EdgeJudge judge;
    private long version;

    @BeforeEach
    void open() {
        SpoolLimits limits = Spools.limits(1 << 24, 100, 100);
        spool = Spools.of(folder.resolve("spool.db"), limits, clock, Spools.monotonicMs(), way -> null);
        spool.start(commit -> {}, () -> {});
        enrol("kitchen", "zigbee2mqtt-smoke");
        start();
    }

    @AfterEach
    void close() {
        spool.close();
    }

    private void start() {
        judge = new EdgeJudge(
                "gw-1",
                registry,
                new EdgeJudge.Memory(
                        spool.kept(EdgeJudge.KIND_ALERT),
                        spool.kept(EdgeJudge.KIND_STATE),
                        spool.kept(EdgeJudge.KIND_HEARD)),
                clock,
                () -> nowMs,
                Map.of(MQTT.way(), () -> 0L));
    }

    private static Place place(String name) {
        return new Place(new String[] {"district"}, name, null, null);
    }

    private void enrol(String device, String profile) {
        state(List.of(new EnrolledDevice(device, profile, device, place(device))));
    }

    private void state(List<EnrolledDevice> devices) {
        GatewayState state = new GatewayState(++version, "gw-1", "Gateway", place("hall"), Enrolment.CLOSED, devices);
        registry.apply(Topics.stateOfGateway("gw-1"), DesiredJson.write(state));
    }

    private record Step(Consumer<Draft> into, CountDownLatch done) implements Work {
        @Override
        public int weight() {
            return 1;
        }

        @Override
        public void into(Draft draft) {
            into.accept(draft);
        }

        @Override
        public void indigestible(Draft draft, RuntimeException cause) {
            throw cause;
        }

        @Override
        public void kept() {
            done.countDown();
        }
    }

    private void run(Consumer<Draft> into) {
        Step step = new Step(into, new CountDownLatch(1));
        spool.submit(step, Duration.ofSeconds(5));
        await().until(() -> step.done().getCount() == 0);
    }

    private Profile profile(String id) {
        return registry.catalog().find(id);
    }

    private static Reading reading(String device, String metric, double value, long atMs, long receivedMs) {
        return new Reading(device, metric, value, atMs, receivedMs, Quality.GOOD);
    }

    private void smoke(double value, boolean replayed, long atMs) {
        List<Reading> readings = List.of(reading("kitchen", "smoke", value, atMs, nowMs));
        run(draft -> judge.onReadings(draft, profile("zigbee2mqtt-smoke"), "kitchen", replayed, readings, MQTT));
    }

    private List<Alert> alerts() {
        try (SpoolReader reader = spool.reader()) {
            return reader.messages(Lane.ALERT, 0, 100).stream()
                    .map(message -> AlertJson.read(message.body()))
                    .toList();
        }
    }

    private void tick() {
        run(judge::tick);
    }

    @Test
    void aDrillNeitherHidesNorClearsTheRealAlarm() {
        smoke(1, true, nowMs - 1_000);
        smoke(1, false, nowMs);
        assertThat(alerts()).extracting(Alert::drill).containsExactly(true, false);
        smoke(0, true, nowMs + 1_000);
        assertThat(alerts()).hasSize(3);
        assertThat(alerts().get(2).drill()).isTrue();
        assertThat(alerts().get(2).state()).isEqualTo(AlertState.CLEARED);
        assertThat(judge.openAlerts()).isEqualTo(1);
    }

    @Test
    void aRecordingOfTheYear2100MakesNoRuleDeaf() {
        smoke(0, true, Instant.parse("2100-01-01T00:00:00Z").toEpochMilli());
        smoke(1, false, nowMs);
        assertThat(alerts()).singleElement().extracting(Alert::drill).isEqualTo(false);
    }

    @Test
    void anAlarmOfADeviceThatIsNotEnrolledIsShownAtItsGatewaysPlaceAndItsReadingsAreNotKept() {
        List<Reading> smoke =
                List.of(reading("stranger", "smoke", 1, nowMs, nowMs), reading("stranger", "battery", 1, nowMs, nowMs));
        run(draft -> judge.onStranger(draft, profile("zigbee2mqtt-smoke"), "stranger", smoke));
        assertThat(alerts()).singleElement().satisfies(alert -> {
            assertThat(alert.rule()).isEqualTo("zigbee2mqtt-smoke/smoke");
            assertThat(alert.device()).isEqualTo("stranger");
            assertThat(alert.place().name()).isEqualTo("hall");
        });
        assertThat(spool.lastSequence()).isZero();
        tick();
        start();
        tick();
        assertThat(judge.openAlerts())
                .as("it outlives a registry change and a restart")
                .isEqualTo(1);

        nowMs += 1_000;
        List<Reading> over = List.of(reading("stranger", "smoke", 0, nowMs, nowMs));
        run(draft -> judge.onStranger(draft, profile("zigbee2mqtt-smoke"), "stranger", over));
        assertThat(judge.openAlerts()).isZero();
    }

    @Test
    void anAlarmOfAStrangerThatSaysNothingMoreIsOverAfterADay() {
        List<Reading> smoke = List.of(reading("stranger", "smoke", 1, nowMs, nowMs));
        run(draft -> judge.onStranger(draft, profile("zigbee2mqtt-smoke"), "stranger", smoke));
        tick();
        nowMs += Duration.ofHours(25).toMillis();
        tick();
        assertThat(alerts()).extracting(Alert::state).containsExactly(AlertState.ACTIVE, AlertState.CLEARED);
    }

    @Test
    void whatADeviceLeftOpenIsClearedWhenItIsNoLongerEnrolledOrOfAnotherKind() {
        smoke(1, false, nowMs);
        tick();
        assertThat(judge.openAlerts()).isEqualTo(1);
        enrol("kitchen", "zigbee2mqtt-climate");
        tick();
        assertThat(judge.openAlerts()).isZero();

        enrol("kitchen", "zigbee2mqtt-smoke");
        nowMs += 1_000;
        smoke(1, false, nowMs);
        assertThat(judge.openAlerts()).as("the rule began anew").isEqualTo(1);
        state(List.of());
        tick();
        assertThat(judge.openAlerts()).isZero();
    }

    @Test
    void aDelayThatRanAtAKillGoesOn() throws ProfileException {
        registry.apply(Topics.stateOfProfile("slow"), SLOW.getBytes(StandardCharsets.UTF_8));
        enrol("oven", "slow");
        List<Reading> hot = List.of(reading("oven", "temperature", 80, nowMs, nowMs));
        run(draft -> judge.onReadings(draft, profile("slow"), "oven", false, hot, MQTT));
        nowMs += 4_000;
        start();
        tick();
        assertThat(alerts()).isEmpty();
        nowMs += 7_000;
        tick();
        assertThat(alerts())
                .singleElement()
                .satisfies(alert -> assertThat(alert.onset()).isEqualTo(Instant.ofEpochMilli(nowMs - 11_000)));
    }

    @Test
    void recordsThatCannotBeReadAreDroppedAndCounted() {
        run(draft -> {
            draft.keep(EdgeJudge.KIND_ALERT, "a\nb", new byte[] {1});
            draft.keep(EdgeJudge.KIND_STATE, "a\nb", new byte[] {2});
            draft.keep(EdgeJudge.KIND_STATE, "c", new byte[] {2});
            draft.keep(EdgeJudge.KIND_HEARD, "d", new byte[] {3});
        });
        start();
        assertThat(judge.unreadableRecords()).isEqualTo(4);
        tick();
        start();
        assertThat(judge.unreadableRecords()).isZero();
    }

    @Test
    void aSpikeThatIsSentAgainIsNotConfirmedByThat() {
        enrol("room", "senml-room");
        Profile room = profile("senml-room");
        for (double value : new double[] {20, 400, 400}) {
            long atMs = nowMs - 10_000 + (long) value;
            List<Reading> one = List.of(reading("room", "temperature", value, atMs, nowMs));
            run(draft -> judge.onReadings(draft, room, "room", false, one, MQTT));
        }
        assertThat(alerts()).isEmpty();
        assertThat(spool.lastSequence()).as("the re-send is absorbed").isEqualTo(2);
    }

    private boolean rules(String set) {
        return registry.apply(Topics.stateOfRules("site"), set.getBytes(StandardCharsets.UTF_8));
    }

    private boolean rules(int version, String rest) {
        return rules("id: site\nversion: " + version + "\n" + rest);
    }

    private void oven(double celsius) {
        List<Reading> one = List.of(reading("oven", "temperature", celsius, nowMs, nowMs));
        run(draft -> judge.onReadings(draft, profile("slow"), "oven", false, one, MQTT));
    }

    private void enrolOven() {
        registry.apply(Topics.stateOfProfile("slow"), SLOW.getBytes(StandardCharsets.UTF_8));
        enrol("oven", "slow");
    }

    private static final String WARM = """
            add:
              - id: warm
                metric: temperature
                unit: Cel
                when: {above: 30}
                on-delay: 10s
                kind: alarm
                severity: major
                name: {en: Warm, zh: Warm}
            """;

    @Test
    void aLimitOfTheSiteIsJudgedByAndTheAlertNamesTheRuleSet() {
        enrolOven();
        rules(1_000_004, "changes: [{rule: slow/hot, when: {above: 40}, on-delay: 0s}]");
        oven(45);
        assertThat(alerts()).singleElement().satisfies(alert -> {
            assertThat(alert.rule()).isEqualTo("slow/hot");
            assertThat(alert.ruleVersion()).isEqualTo(1_000_004);
            assertThat(alert.evidence().limit()).isEqualTo(40);
        });
    }

    @Test
    void aDelayOfARuleOfTheSitesOwnGoesOnAfterAKillAndWhatItRaisedIsLetGoWhenTheRuleEnds() {
        enrolOven();
        rules(1_000_000, WARM);
        oven(35);
        nowMs += 4_000;
        start();
        nowMs += 7_000;
        tick();
        assertThat(alerts()).singleElement().satisfies(alert -> {
            assertThat(alert.rule()).isEqualTo("site/warm");
            assertThat(alert.onset()).isEqualTo(Instant.ofEpochMilli(nowMs - 11_000));
        });
        start();
        tick();
        assertThat(judge.openAlerts()).as("a restart ends nothing").isEqualTo(1);

        rules(1_000_001, "");
        tick();
        assertThat(alerts()).hasSize(2);
        assertThat(alerts().get(1).state()).isEqualTo(AlertState.CLEARED);
        assertThat(alerts().get(1).id()).isEqualTo(alerts().get(0).id());
        assertThat(alerts().get(1).value()).isEqualTo(35);
        assertThat(spool.kept(EdgeJudge.KIND_STATE)).isEmpty();
    }

    @Test
    void aRuleOfTheSitesOwnIsRememberedForADeviceThatIsNotEnrolled() {
        registry.apply(Topics.stateOfProfile("slow"), SLOW.getBytes(StandardCharsets.UTF_8));
        rules(1_000_000, WARM);
        List<Reading> warm = List.of(reading("stranger", "temperature", 35, nowMs, nowMs));
        run(draft -> judge.onStranger(draft, profile("slow"), "stranger", warm));
        nowMs += 4_000;
        start();
        tick();
        nowMs += 7_000;
        tick();
        assertThat(alerts()).singleElement().extracting(Alert::rule).isEqualTo("site/warm");
    }

    @Test
    void aDelayOfARuleThatWasTakenAwayDoesNotEndWhenTheRuleComesBack() {
        enrolOven();
        rules(1_000_000, WARM);
        oven(35);
        rules("");
        tick();
        nowMs += 60_000;
        rules(1_000_002, WARM);
        oven(35);
        tick();
        assertThat(alerts()).isEmpty();
        nowMs += 11_000;
        tick();
        assertThat(alerts())
                .singleElement()
                .satisfies(alert -> assertThat(alert.onset()).isEqualTo(Instant.ofEpochMilli(nowMs - 11_000)));
    }

    @Test
    void whatIsRaisedUnderTestIsADrillAndIsClearedByTheDeviceAfterARestartToo() {
        rules(
                1_000_000,
                "changes: [{rule: zigbee2mqtt-smoke/smoke, test-until: '" + Instant.ofEpochMilli(nowMs + 60_000)
                        + "'}]");
        smoke(1, false, nowMs);
        assertThat(alerts()).singleElement().extracting(Alert::drill).isEqualTo(true);
        start();
        smoke(0, false, nowMs + 1_000);
        assertThat(alerts()).extracting(Alert::state).containsExactly(AlertState.ACTIVE, AlertState.CLEARED);
        assertThat(judge.openAlerts()).isZero();
    }

    @Test
    void aShelvedAlarmIsLetGoWithItsNextReadingAndRaisedAnewWhenTheShelvingIsOver() {
        smoke(1, false, nowMs);
        rules(
                1_000_000,
                "changes: [{rule: '*/smoke', shelved-until: '" + Instant.ofEpochMilli(nowMs + 60_000)
                        + "', reason: roof works}]");
        nowMs += 1_000;
        smoke(1, false, nowMs);
        assertThat(judge.openAlerts()).isZero();
        nowMs += 60_000;
        smoke(1, false, nowMs);
        assertThat(judge.openAlerts()).isEqualTo(1);
    }

    @Test
    void aRuleSetThatIsWrongIsRefusedWithTheReasonAndTheFormerStays() {
        enrolOven();
        rules(1_000_004, "changes: [{rule: slow/hot, when: {above: 40}, on-delay: 0s}]");
        assertThatThrownBy(() -> rules(1_000_005, "changes: [{rule: slow/hot, when: {above: warm}}]"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("/changes/0/when/above: is not a number");
        assertThatThrownBy(() -> rules(1_000_003, "")).hasMessageContaining("older than 1000004");
        assertThat(registry.ruleSets()).containsExactly(Map.entry("site", 1_000_004));
        oven(45);
        assertThat(alerts()).hasSize(1);
    }
}
