package dev.tocsin.agent.acquire;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tocsin.agent.desired.Registry;
import dev.tocsin.agent.observe.AgentMetrics;
import dev.tocsin.profiles.codec.Decoding;
import dev.tocsin.profiles.codec.Incoming.Transport;
import dev.tocsin.profiles.desired.GatewayState.Enrolment;
import dev.tocsin.profiles.profile.ProfileCatalog;
import dev.tocsin.profiles.reading.Quality;
import dev.tocsin.profiles.reading.Reading;
import java.time.Clock;
import java.util.List;
import org.junit.jupiter.api.Test;

class AllowanceTest {
    private long nowMs = 1_000_000;
    private final Registry registry =
            new Registry("gw-1", Enrolment.OPEN, ProfileCatalog.builtIn(), Clock.systemUTC(), () -> true);

    private Allowance allowance(int perSecond, int burst) {
        return new Allowance(new Allowance.Limit(perSecond, burst), registry, new AgentMetrics(), () -> nowMs);
    }

    private static Decoding said(String device, double celsius, Quality quality) {
        return new Decoding.Decoded(
                "senml-room", false, true, List.of(new Reading(device, "temperature", celsius, 1, 1, quality)));
    }

    private static Decoding calm() {
        return said("room", 21, Quality.GOOD);
    }

    @Test
    void withoutALimitEverythingIsAdmitted() {
        Allowance allowance = allowance(0, 1);
        for (int i = 0; i < 1_000; i++) {
            assertThat(allowance.admits("x", Transport.COAP, calm())).isTrue();
        }
    }

    @Test
    void anAlarmComesThroughWhenChatterHasUsedUpTheSendersAllowance() {
        Allowance allowance = allowance(1, 3);
        for (int i = 0; i < 3; i++) {
            assertThat(allowance.admits("panel", Transport.COAP, calm())).isTrue();
        }
        assertThat(allowance.admits("panel", Transport.COAP, calm())).isFalse();
        assertThat(allowance.admits("panel", Transport.COAP, said("room", 90, Quality.GOOD)))
                .isTrue();
        assertThat(allowance.admits("panel", Transport.COAP, said("room", 90, Quality.SENSOR_FAULT)))
                .isFalse();
    }

    @Test
    void theAlarmsOfOneDetectorDoNotUseUpThoseOfAnother() {
        Allowance allowance = allowance(1, 2);
        int admitted = 0;
        for (int i = 0; i < 10; i++) {
            admitted += allowance.admits("panel", Transport.COAP, said("room-1", 90, Quality.GOOD)) ? 1 : 0;
        }
        assertThat(admitted).isEqualTo(4);
        assertThat(allowance.admits("panel", Transport.COAP, said("room-2", 90, Quality.GOOD)))
                .isTrue();
        nowMs += 1_000;
        assertThat(allowance.admits("panel", Transport.COAP, calm())).isTrue();
    }

    @Test
    void anAlarmOfADeviceThatIsNotEnrolledCountsAsOne() {
        Allowance allowance = allowance(1, 1);
        assertThat(allowance.admits("x", Transport.MQTT, calm())).isTrue();
        Decoding.Decoded unheard = (Decoding.Decoded) said("stranger", 90, Quality.GOOD);
        Decoding refused = new Decoding.Refused(
                dev.tocsin.profiles.reading.Rejected.Reason.NOT_ENROLLED, "", "stranger", "senml-room", unheard);
        assertThat(allowance.admits("x", Transport.MQTT, refused)).isTrue();
    }
}
