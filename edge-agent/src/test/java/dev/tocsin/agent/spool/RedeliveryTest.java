package dev.tocsin.agent.spool;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tocsin.agent.link.FieldLink;
import dev.tocsin.agent.spool.Redelivery.Fate;
import dev.tocsin.agent.spool.Redelivery.Origin;
import dev.tocsin.agent.spool.Redelivery.Row;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

class RedeliveryTest {
    private static final int WINDOW = 4;

    private final FieldLink link = new FieldLink();
    private long nowMs = 1_000_000;
    private long commit;
    private Redelivery redelivery = restarted(List.of());

    private Redelivery restarted(List<Row> beforeStart) {
        return new Redelivery(WINDOW, () -> nowMs, link::state, beforeStart);
    }

    private static long message(String topic, String payload) {
        return Hash64.ofMessage(topic, payload.getBytes(StandardCharsets.UTF_8));
    }

    private void connect(int number) {
        link.connecting(number);
        link.up(nowMs);
    }

    /** Judges a message and stores what is new, and what comes again under its new connection, as a commit does. */
    private Fate arrives(int connection, String topic, String payload) {
        long hash = message(topic, payload);
        Fate fate = redelivery.judge(hash, connection);
        if (fate != Fate.STALE) {
            redelivery.committed(
                    new Row(++commit * 2 + Origin.MQTT.code, Origin.MQTT, connection, nowMs, new long[] {hash}));
        }
        redelivery.forget();
        return fate;
    }

    @Test
    void attemptsThatFailedBetweenTwoConnectionsChangeNothing() {
        connect(1);
        arrives(1, "a", "1");
        link.down();
        connect(7);
        assertThat(arrives(7, "a", "1")).isEqualTo(Fate.AGAIN);
    }

    @Test
    void whatWasAbsorbedIsKnownAgainWhenThatConnectionIsLostToo() {
        connect(1);
        arrives(1, "a", "1");
        link.down();
        connect(2);
        assertThat(arrives(2, "a", "1")).isEqualTo(Fate.AGAIN);
        link.down();
        connect(3);
        assertThat(arrives(3, "a", "1")).isEqualTo(Fate.AGAIN);
        assertThat(arrives(3, "a", "1")).isEqualTo(Fate.NEW);
    }

    @Test
    void afterARestartTheBrokerMayStayAwayForAsLongAsItLikes() {
        long hash = message("a", "1");
        redelivery = restarted(List.of(new Row(3, Origin.MQTT, Redelivery.BEFORE_START, 0, new long[] {hash})));
        for (int second = 0; second < 3_600; second++) {
            nowMs += 1_000;
            redelivery.forget();
        }
        assertThat(redelivery.forgetMqttUpTo()).isEqualTo(-1);
        connect(1);
        assertThat(arrives(1, "a", "1")).isEqualTo(Fate.AGAIN);
    }

    @Test
    void aConnectionThatIsDeadButStillStandsLetsNothingBeForgotten() {
        connect(1);
        arrives(1, "a", "1");
        nowMs += 40_000;
        redelivery.forget();
        link.down();
        connect(2);
        assertThat(arrives(2, "a", "1")).isEqualTo(Fate.AGAIN);
    }

    @Test
    void whatTheBrokerHasIsForgottenAndAnEqualMessageOfALaterConnectionIsNew() {
        connect(1);
        arrives(1, "a", "1");
        link.arrived(commit);
        redelivery.forget();
        assertThat(redelivery.forgetMqttUpTo()).isEqualTo(commit * 2 + Origin.MQTT.code);
        link.down();
        connect(2);
        assertThat(arrives(2, "a", "1")).isEqualTo(Fate.NEW);
    }

    @Test
    void anAlarmThatComesBackAfterAReconnectIsNotTakenForTheOneBefore() {
        connect(1);
        arrives(1, "smoke", "true");
        link.down();
        connect(2);
        redelivery.forget();
        nowMs += Redelivery.IN_ORDER_AFTER.toMillis() + 1_000;
        assertThat(arrives(2, "smoke", "false")).isEqualTo(Fate.NEW);
        assertThat(arrives(2, "smoke", "true")).isEqualTo(Fate.NEW);
    }

    @Test
    void aBrokerThatSendsNewMessagesBeforeThoseThatComeAgainIsForgivenForTheFirstSeconds() {
        connect(1);
        arrives(1, "a", "1");
        link.down();
        connect(2);
        assertThat(arrives(2, "a", "2")).isEqualTo(Fate.NEW);
        assertThat(arrives(2, "a", "1")).isEqualTo(Fate.AGAIN);
    }

    @Test
    void theFirstNewMessageOfATopicSaysNothingOfOtherTopics() {
        connect(1);
        arrives(1, "smoke", "true");
        link.down();
        connect(2);
        assertThat(arrives(2, "door", "open")).isEqualTo(Fate.NEW);
        assertThat(arrives(2, "smoke", "true")).isEqualTo(Fate.AGAIN);
    }

    @Test
    void suspicionEndsByTheTimeTheConnectionIsUpAndNotByTheFirstMessage() {
        connect(1);
        arrives(1, "a", "1");
        link.down();
        connect(2);
        redelivery.forget();
        nowMs += Redelivery.SENT_AGAIN_WITHIN.toMillis() + 1_000;
        assertThat(arrives(2, "a", "1")).isEqualTo(Fate.NEW);
    }

    @Test
    void aMessageOfAConnectionThatIsOverIsLeftToTheNextOne() {
        connect(1);
        arrives(1, "a", "1");
        connect(2);
        arrives(2, "a", "1");
        assertThat(arrives(1, "a", "2")).isEqualTo(Fate.STALE);
        assertThat(arrives(2, "a", "2")).isEqualTo(Fate.NEW);
    }

    @Test
    void messagesThatNobodySendsAgainAreNeverTakenForOthers() {
        connect(1);
        arrives(1, "a", "1");
        connect(2);
        assertThat(redelivery.judge(message("a", "1"), Redelivery.ONCE)).isEqualTo(Fate.NEW);
    }

    @Test
    void howeverManyNewMessagesComeFirstThoseThatComeAgainAreStillKnown() {
        connect(1);
        arrives(1, "a", "1");
        link.down();
        connect(2);
        for (int i = 0; i < 3 * WINDOW; i++) {
            arrives(2, "b", "" + i);
        }
        assertThat(arrives(2, "a", "1")).isEqualTo(Fate.AGAIN);
    }

    @Test
    void noMoreIsRememberedThanTheBrokerMayOwe() {
        connect(1);
        for (int i = 0; i < 2 * WINDOW; i++) {
            arrives(1, "a", "" + i);
        }
        connect(2);
        redelivery.forget();
        assertThat(redelivery.forgetMqttUpTo()).isEqualTo(WINDOW * 2 + Origin.MQTT.code);
        assertThat(arrives(2, "a", "" + WINDOW)).isEqualTo(Fate.AGAIN);
    }
}
