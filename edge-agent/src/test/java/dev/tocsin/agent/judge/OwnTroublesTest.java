package dev.tocsin.agent.judge;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tocsin.agent.desired.Registry;
import dev.tocsin.agent.spool.Draft;
import dev.tocsin.agent.spool.Spool;
import dev.tocsin.agent.spool.SpoolStatus;
import dev.tocsin.agent.spool.Spools;
import dev.tocsin.agent.spool.Steps;
import dev.tocsin.profiles.alert.Alert;
import dev.tocsin.profiles.alert.AlertKind;
import dev.tocsin.profiles.alert.AlertState;
import dev.tocsin.profiles.alert.GatewayTrouble;
import dev.tocsin.profiles.desired.GatewayState.Enrolment;
import dev.tocsin.profiles.profile.ProfileCatalog;
import dev.tocsin.profiles.reading.Quality;
import dev.tocsin.profiles.reading.Reading;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is wrong with the gateway itself is told like any alert: raised once, told on while it lasts, cleared. */
class OwnTroublesTest {
    private static final Instant START = Instant.parse("2026-11-26T10:00:00Z");

    @TempDir
    Path folder;

    private long monotonicMs = 5_000;
    private Instant wall = START;
    private Spool spool;
    private EdgeJudge judge;
    private SpoolStatus status;

    private final Clock clock = Spools.clock(() -> wall);

    @BeforeEach
    void begin() {
        // The smallest spool there is: a few hundred readings fill it.
        spool = Spools.of(
                folder.resolve("spool.db"),
                Spools.limits(64 * 1024, 1_000, 1_000),
                clock,
                () -> monotonicMs,
                way -> null);
        spool.start(commit -> {}, () -> {});
        status = spool.status();
        Registry registry = new Registry("gw-1", Enrolment.CLOSED, ProfileCatalog.builtIn(), clock, () -> true);
        EdgeJudge.Memory nothing = new EdgeJudge.Memory(Map.of(), Map.of(), Map.of());
        judge = new EdgeJudge("gw-1", registry, nothing, clock, () -> monotonicMs, Map.of());
        judge.watchOver(
                () -> status,
                new ClockWatch(clock, () -> monotonicMs, () -> wall.isAfter(START.minusSeconds(3_600 * 48))));
    }

    @AfterEach
    void close() {
        spool.close();
    }

    private void commit(Consumer<Draft> into) {
        Steps.commit(spool, into);
    }

    private void pass(Duration time) {
        monotonicMs += time.toMillis();
        wall = wall.plus(time);
        commit(judge::tick);
    }

    private List<Alert> told(GatewayTrouble trouble) {
        return Spools.alerts(spool).stream()
                .filter(alert -> alert.rule().equals(trouble.rule()))
                .toList();
    }

    @Test
    void givingUpReadingsIsToldWithHowManyFromWhenToWhenAndClearedWhenItIsOver() throws Exception {
        Instant first = wall;
        for (int round = 0; round < 60; round++) {
            store(round);
            wall = wall.plusSeconds(1);
        }
        status = spool.status();
        assertThat(status.evicted().readings()).isPositive();
        pass(Duration.ofMillis(200));
        Alert raised = told(GatewayTrouble.EVICTING).get(0);
        assertThat(raised.state()).isEqualTo(AlertState.ACTIVE);
        assertThat(raised.kind()).isEqualTo(AlertKind.TROUBLE);
        assertThat(raised.device()).isEqualTo("gw-1");
        assertThat(raised.metric()).isEqualTo(GatewayTrouble.EVICTED_READINGS);
        assertThat(raised.value()).isEqualTo((double) status.evicted().readings());
        assertThat(raised.evidence().readings()[0].at()).isEqualTo(first);
        assertThat(raised.evidence().readings()[1].at()).isAfter(first);

        for (int round = 60; round < 80; round++) {
            store(round);
        }
        status = spool.status();
        pass(Duration.ofSeconds(31));
        status = spool.status();
        pass(Duration.ofMinutes(2));

        List<Alert> all = told(GatewayTrouble.EVICTING);
        assertThat(all).extracting(Alert::id).containsOnly(raised.id());
        assertThat(all.get(1).state()).isEqualTo(AlertState.ACTIVE);
        assertThat(all.get(1).value()).isGreaterThan(raised.value());
        assertThat(all).extracting(Alert::revision).isSorted().doesNotHaveDuplicates();
        Alert last = all.get(all.size() - 1);
        assertThat(last.state()).isEqualTo(AlertState.CLEARED);
        assertThat(last.value()).isEqualTo((double) spool.status().evicted().readings());
    }

    private void store(int round) {
        List<Reading> readings = new ArrayList<>();
        for (int i = 0; i < 200; i++) {
            readings.add(new Reading("room-" + round, "temperature", i * 1.37, 10L * i, 10L * i + 1, Quality.GOOD));
        }
        commit(draft -> draft.readings("room-" + round, "p", false, readings));
    }

    @Test
    void aClockThatJumpsIsToldByHowMuchAndOneThatIsSetForTheFirstTimeIsNot() throws Exception {
        wall = Instant.EPOCH;
        close();
        begin();
        pass(Duration.ofSeconds(1));
        wall = START;
        pass(Duration.ofSeconds(1));
        assertThat(told(GatewayTrouble.CLOCK)).as("set for the first time").isEmpty();
        pass(Duration.ofSeconds(1));

        wall = wall.minusSeconds(86_400);
        pass(Duration.ofMillis(200));
        Alert raised = told(GatewayTrouble.CLOCK).get(0);
        assertThat(raised.value()).isBetween(-86_401.0, -86_399.0);
        assertThat(raised.unit()).isEqualTo("s");
        pass(Duration.ofMinutes(11));
        assertThat(told(GatewayTrouble.CLOCK)).hasSize(2).extracting(Alert::id).containsOnly(raised.id());
        assertThat(told(GatewayTrouble.CLOCK).get(1).state()).isEqualTo(AlertState.CLEARED);
    }
}
