package dev.tocsin.agent.judge;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tocsin.agent.desired.Registry;
import dev.tocsin.profiles.desired.GatewayState;
import dev.tocsin.profiles.detect.Judge;
import dev.tocsin.profiles.detect.RuleState;
import dev.tocsin.profiles.detect.RuleStates;
import dev.tocsin.profiles.profile.Profile;
import dev.tocsin.profiles.profile.ProfileCatalog;
import dev.tocsin.profiles.reading.DeviceReadings;
import dev.tocsin.profiles.reading.Quality;
import dev.tocsin.profiles.reading.Reading;
import java.time.Clock;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.Test;

class AlertBookTest {
    private static final Profile MAIN =
            Objects.requireNonNull(ProfileCatalog.builtIn().find("water-pressure"));

    @Test
    void the_state_of_every_kind_of_rule_goes_on_from_its_json_as_if_nothing_had_been() {
        Map<String, RuleState> states = new HashMap<>();
        judge(states, readings(0, 500, new Random(2)));

        Registry registry = new Registry(
                "gw-1", GatewayState.Enrolment.OPEN, ProfileCatalog.builtIn(), Clock.systemUTC(), () -> true);
        AlertBook book = new AlertBook("gw-1", registry, Clock.systemUTC(), Map.of());
        Map<String, RuleState> kept = new HashMap<>();
        states.forEach((rule, state) -> {
            AlertBook.KeptState one = Objects.requireNonNull(book.state(rule, AlertBook.json("water-pressure", state)));
            assertThat(one.profile()).isEqualTo("water-pressure");
            kept.put(rule, one.state());
        });
        assertThat(book.unreadableRecords()).isZero();
        RuleState unusual = Objects.requireNonNull(kept.get("water-pressure/unusual"));
        assertThat(unusual.baseline).isNotNull();
        assertThat(unusual.baseline.day).as("hours not seen yet").contains(Float.NaN);

        List<Reading> next = readings(500, 600, new Random(3));
        judge(states, next);
        judge(kept, next);
        assertThat(kept)
                .usingRecursiveComparison()
                .withEqualsForType(Float::equals, Float.class)
                .isEqualTo(states);
    }

    private static void judge(Map<String, RuleState> states, List<Reading> readings) {
        RuleStates kept = RuleStates.in(states);
        Judge.onReadings(MAIN, DeviceReadings.of("m", MAIN.id(), false, 1, readings), kept, finding -> {});
    }

    private static List<Reading> readings(int fromMinute, int toMinute, Random random) {
        List<Reading> readings = new ArrayList<>();
        for (int minute = fromMinute; minute < toMinute; minute++) {
            double pascal = 400_000 + 3_000 * random.nextGaussian();
            readings.add(new Reading("m", "pressure", pascal, minute * 60_000L, minute * 60_000L, Quality.GOOD));
        }
        return readings;
    }
}
