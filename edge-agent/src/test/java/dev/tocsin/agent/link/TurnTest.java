package dev.tocsin.agent.link;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class TurnTest {
    private final Turn turn = new Turn(3);
    private long nowMs = 1_000;

    private long fail() {
        return turn.over(nowMs);
    }

    private long connectFor(long lastedMs) {
        turn.connected(nowMs);
        nowMs += lastedMs;
        return turn.over(nowMs);
    }

    @Test
    void everyBrokerOfARoundIsTriedAtOnceAndOnlyTheNextRoundWaits() {
        assertThat(turn.next()).isEqualTo(0);
        assertThat(fail()).isZero();
        assertThat(turn.next()).isEqualTo(1);
        assertThat(fail()).isZero();
        assertThat(turn.next()).isEqualTo(2);
        assertThat(fail()).isPositive();
        assertThat(turn.next()).isEqualTo(0);
    }

    @Test
    void waitsGrowToTheirBoundAndAreSpreadOverAllOfIt() {
        List<Long> waits = new ArrayList<>();
        for (int round = 0; round < 200; round++) {
            fail();
            fail();
            waits.add(fail());
        }
        assertThat(waits.get(0)).isBetween(1L, 250L);
        assertThat(waits).allMatch(wait -> wait <= Turn.MAX_WAIT_MS);
        List<Long> late = waits.subList(10, waits.size());
        assertThat(late).anyMatch(wait -> wait < Turn.MAX_WAIT_MS / 4);
        assertThat(late).anyMatch(wait -> wait > Turn.MAX_WAIT_MS * 3 / 4);
    }

    @Test
    void afterAConnectionThatLastedTheFirstIsTriedFirstAndTheWaitIsShort() {
        for (int attempt = 0; attempt < 31; attempt++) {
            fail();
        }
        assertThat(turn.next()).isEqualTo(1);
        assertThat(connectFor(Turn.LASTED_MS)).isBetween(1L, 250L);
        assertThat(turn.next()).isEqualTo(0);
    }

    @Test
    void aBrokerThatLetsInAndThrowsOutKeepsNobodyFromTryingTheOthersAndIsWaitedFor() {
        for (int attempt = 0; attempt < 30; attempt++) {
            fail();
        }
        long longest = 0;
        for (int attempt = 0; attempt < 60; attempt++) {
            assertThat(turn.next()).isEqualTo(attempt % 3);
            longest = Math.max(longest, connectFor(Turn.LASTED_MS - 1));
        }
        assertThat(longest).isGreaterThan(Turn.MAX_WAIT_MS / 2);
    }
}
