package dev.tocsin.stream.life;

import static dev.tocsin.stream.life.Claims.HALL;
import static dev.tocsin.stream.life.Claims.NOW_MS;
import static dev.tocsin.stream.life.Claims.claim;
import static dev.tocsin.stream.life.Claims.clear;
import static dev.tocsin.stream.life.Claims.raise;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tocsin.profiles.alert.Alert;
import dev.tocsin.profiles.alert.AlertState;
import dev.tocsin.profiles.alert.Correlation;
import dev.tocsin.stream.life.Claim.Holder;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What raises again and again is one alert, which is told of now and then. */
class ChatterTest {
    private final Matter matter = new Matter();

    private @Nullable Alert on(Claim claim, long nowMs) {
        return matter.on(claim, Claims.CHATTERING, nowMs);
    }

    @Test
    void three_raises_in_a_minute_are_chatter_and_no_further_one_pages() {
        for (int i = 0; i < 3; i++) {
            Alert raised = flap(i);
            assertThat(raised).isNotNull();
            assertThat(raised.id()).isEqualTo("f" + i);
            assertThat(raised.said().chatter() != null).isEqualTo(i == 2);
        }

        assertThat(matter.open()).as("over, and still open").isTrue();
        assertThat(flap(3)).as("no alert of its own, and no word").isNull();
        assertThat(flap(4)).isNull();
        Alert doubled = flap(5);
        assertThat(doubled).isNotNull();
        assertThat(doubled.id()).isEqualTo("f2");
        assertThat(doubled.said().chatter()).isEqualTo(new Correlation.Chatter(6, Instant.ofEpochMilli(flapMs(0))));
        assertThat(doubled.said().urgentSince()).as("calls nobody").isZero();
    }

    @Test
    void chatter_that_is_quiet_is_over_when_it_was_last_and_with_its_full_count() {
        for (int i = 0; i < 5; i++) {
            flap(i);
        }

        assertThat(matter.settle(flapMs(4) + 5_000 + 59_999)).isNull();
        Alert over = matter.settle(flapMs(4) + 5_000 + 60_000);

        assertThat(over).isNotNull();
        assertThat(over.id()).isEqualTo("f2");
        assertThat(over.state()).isEqualTo(AlertState.CLEARED);
        assertThat(over.cleared()).isEqualTo(Instant.ofEpochMilli(flapMs(4) + 5_000));
        assertThat(over.said().chatter().raises()).isEqualTo(5);
        assertThat(matter.open()).isFalse();
        assertThat(matter.settleAtMs()).isEqualTo(Long.MAX_VALUE);
        Alert next = on(raise(Holder.LIVE, "later", flapMs(30)), flapMs(30));
        assertThat(next).isNotNull();
        assertThat(next.correlation()).as("an alert of its own, which pages").isNull();
    }

    @Test
    void what_stays_raised_when_the_chatter_is_over_calls_somebody_again() {
        for (int i = 0; i < 3; i++) {
            flap(i);
        }
        on(raise(Holder.LIVE, "meant", flapMs(3)), flapMs(3));

        Alert meant = matter.settle(flapMs(3) + 60_000);

        assertThat(meant).isNotNull();
        assertThat(meant.id()).isEqualTo("f2");
        assertThat(meant.state()).isEqualTo(AlertState.ACTIVE);
        assertThat(meant.said().chatter()).isNull();
        assertThat(meant.said().urgentSince()).isEqualTo(meant.revision());
        assertThat(on(clear(Holder.LIVE, "meant", flapMs(3), flapMs(20)), flapMs(20)))
                .isNotNull()
                .extracting(Alert::state)
                .isEqualTo(AlertState.CLEARED);
    }

    @Test
    void an_alarm_that_chatters_on_calls_somebody_again_after_a_while() {
        Alert reminded = null;
        int flaps = 3;
        flap(0);
        flap(1);
        flap(2);
        while (reminded == null || reminded.said().urgentSince() == 0) {
            reminded = flap(flaps++);
        }

        assertThat(flapMs(flaps - 1) - flapMs(2)).isEqualTo(900_000);
        assertThat(reminded.said().urgentSince()).isEqualTo(reminded.revision());
        for (int i = 0; i < 5; i++) {
            Alert next = flap(flaps++);
            assertThat(next == null || next.said().urgentSince() == reminded.revision())
                    .isTrue();
        }
    }

    @Test
    void raises_that_agent_and_cloud_claim_both_count_once() {
        for (int i = 0; i < 2; i++) {
            for (Holder holder : List.of(Holder.EDGE, Holder.LIVE)) {
                on(raise(holder, "f" + i, flapMs(i)), flapMs(i));
                on(clear(holder, "f" + i, flapMs(i), flapMs(i) + 5_000), flapMs(i));
            }
        }

        assertThat(matter.open()).isFalse();
        Alert third = on(raise(Holder.EDGE, "f2", flapMs(2)), flapMs(2));
        assertThat(third).isNotNull();
        assertThat(third.said().chatter().raises()).isEqualTo(3);
    }

    @Test
    void flaps_of_a_drill_make_no_real_alarm_chatter() {
        for (int i = 0; i < 3; i++) {
            on(claim(Holder.LIVE, "d" + i, AlertState.ACTIVE, flapMs(i), null, true, HALL), flapMs(i));
            on(claim(Holder.LIVE, "d" + i, AlertState.CLEARED, flapMs(i), flapMs(i) + 5_000, true, HALL), flapMs(i));
        }
        Alert real = on(raise(Holder.LIVE, "real", flapMs(3)), flapMs(3));

        assertThat(real).isNotNull();
        assertThat(real.drill()).isFalse();
        assertThat(real.correlation()).isNull();
        assertThat(on(clear(Holder.LIVE, "real", flapMs(3), flapMs(4)), flapMs(4)))
                .isNotNull()
                .extracting(Alert::state)
                .isEqualTo(AlertState.CLEARED);
    }

    /** Raises and clears 5 s later; returns what was published of the raise. */
    private @Nullable Alert flap(int i) {
        Alert raised = on(raise(Holder.LIVE, "f" + i, flapMs(i)), flapMs(i));
        on(clear(Holder.LIVE, "f" + i, flapMs(i), flapMs(i) + 5_000), flapMs(i) + 5_000);
        return raised;
    }

    private static long flapMs(int i) {
        return NOW_MS + i * 15_000L;
    }
}
