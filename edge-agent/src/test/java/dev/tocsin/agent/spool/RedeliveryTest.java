package dev.tocsin.agent.spool;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tocsin.agent.link.FieldLink;
import dev.tocsin.agent.spool.Redelivery.Fate;
import dev.tocsin.agent.spool.Redelivery.Row;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class RedeliveryTest {
    private static final int WINDOW = 4;

    private final FieldLink link = new FieldLink(FieldLink.FIRST);
    private final FieldLink hall = new FieldLink("hall");
    private long nowMs = 1_000_000;
    private long commit;
    private final Map<Long, Row> disk = new TreeMap<>();
    private Redelivery redelivery = restarted(List.of());

    private Redelivery restarted(List<Row> beforeStart) {
        return new Redelivery(
                WINDOW,
                () -> nowMs,
                way -> way.equals(link.way()) ? link.state() : way.equals(hall.way()) ? hall.state() : null,
                beforeStart);
    }

    private static long message(String topic, String payload) {
        return Hash64.ofMessage(topic, payload.getBytes(StandardCharsets.UTF_8));
    }

    private void connect(int number) {
        link.connecting(number);
        link.up(nowMs);
    }

    private Fate arrives(int connection, String topic, String payload) {
        return arrives(link, connection, topic, payload);
    }

    /** Judges a message and stores what is new, and what comes again under its new connection, as a commit does. */
    private Fate arrives(FieldLink broker, int connection, String topic, String payload) {
        long hash = message(topic, payload);
        Via via = new Via(broker.way(), connection);
        Fate fate = redelivery.judge(hash, via);
        commit(fate == Fate.STALE ? Map.of() : Map.of(via, new long[] {hash}));
        return fate;
    }

    private void commit(Map<Via, long[]> hashes) {
        redelivery.forget();
        Redelivery.Changes changes = redelivery.changes(hashes, ++commit);
        changes.fresh().forEach(row -> disk.put(row.id, row));
        changes.forgotten()
                .forEach(gone -> disk.values()
                        .removeIf(row -> row.id <= gone.upTo() && row.via.way().equals(gone.way())));
        redelivery.written(changes);
        redelivery.forget();
    }

    /** What a restart would find. */
    private List<Row> onDisk() {
        commit(Map.of());
        return disk.values().stream()
                .map(row -> new Row(row.id, new Via(row.via.way(), Via.BEFORE_START), 0, 0, row.hashes))
                .toList();
    }

    @Test
    void attemptsThatFailedBetweenTwoConnectionsChangeNothing() {
        connect(1);
        arrives(1, "a", "1");
        link.down();
        connect(7);
        assertThat(arrives(7, "a", "1")).isEqualTo(Fate.AGAIN);
    }

    /** Found by kills on a slow disk: a large commit stayed, and the small one after it was forgotten in its place. */
    @Test
    void aSmallCommitIsNotForgottenForTheLargeOneBeforeIt() {
        connect(1);
        long[] large = LongStream.rangeClosed(1, WINDOW)
                .map(i -> message("a", "large" + i))
                .toArray();
        commit(Map.of(new Via(link.way(), 1), large));
        arrives(1, "a", "small");
        link.down();
        redelivery = restarted(onDisk());
        connect(1);
        assertThat(arrives(1, "a", "small")).isEqualTo(Fate.AGAIN);
    }

    @Test
    void ofManyConnectionsTheNewestCommitsAreKnownAndTheOldestForgotten() {
        List<Row> rows = new ArrayList<>();
        for (int id = 1; id <= 12; id++) {
            long[] hashes = new long[id == 12 ? 1 : WINDOW];
            for (int i = 0; i < hashes.length; i++) {
                hashes[i] = message("a", id + "." + i);
            }
            rows.add(new Row(id, new Via(link.way(), Via.BEFORE_START), 0, 0, hashes));
        }
        redelivery = restarted(rows);
        redelivery.forget();
        connect(1);
        assertThat(arrives(1, "a", "12.0")).isEqualTo(Fate.AGAIN);
        assertThat(arrives(1, "a", "11.0")).isEqualTo(Fate.AGAIN);
        assertThat(arrives(1, "a", "1.0")).isEqualTo(Fate.NEW);
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
        connect(1);
        arrives(1, "a", "1");
        link.down();
        redelivery = restarted(onDisk());
        for (int second = 0; second < 3_600; second++) {
            nowMs += 1_000;
            redelivery.forget();
        }
        assertThat(onDisk()).hasSize(1);
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
        assertThat(onDisk()).isEmpty();
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
        nowMs += BrokerRedelivery.IN_ORDER_AFTER.toMillis() + 1_000;
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
        nowMs += BrokerRedelivery.SENT_AGAIN_WITHIN.toMillis() + 1_000;
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
        assertThat(redelivery.judge(message("a", "1"), Via.once(link.way()))).isEqualTo(Fate.NEW);
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
        assertThat(onDisk()).hasSize(WINDOW);
        assertThat(arrives(2, "a", "" + WINDOW)).isEqualTo(Fate.AGAIN);
    }

    @Test
    void theConnectionsOfOneBrokerSayNothingOfWhatAnotherMaySendAgain() {
        connect(1);
        hall.connecting(5);
        hall.up(nowMs);
        arrives(link, 1, "a", "1");
        arrives(hall, 5, "b", "1");
        hall.arrived(commit);
        redelivery.forget();
        hall.down();
        hall.connecting(6);
        hall.up(nowMs);
        assertThat(arrives(hall, 6, "b", "1")).isEqualTo(Fate.NEW);
        assertThat(arrives(hall, 6, "a", "1")).isEqualTo(Fate.NEW);
        assertThat(arrives(link, 1, "a", "2")).isEqualTo(Fate.NEW);
        link.down();
        connect(2);
        assertThat(arrives(link, 2, "a", "1")).isEqualTo(Fate.AGAIN);
    }

    @Test
    void whatABrokerMaySendAgainIsKeptWhileItIsNotConfigured() {
        connect(1);
        arrives(link, 1, "a", "1");
        FieldLink gone = new FieldLink("gone");
        arrives(gone, 1, "b", "1");
        redelivery = restarted(onDisk());
        connect(1);
        nowMs += BrokerRedelivery.SENT_AGAIN_WITHIN.toMillis() + 1_000;
        assertThat(onDisk()).extracting(row -> row.via.way()).containsExactly(gone.way());
    }
}
