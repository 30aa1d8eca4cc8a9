package dev.tocsin.agent.acquire;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class RateLimiterTest {
    private long nowMs = 1_000_000;
    private final RateLimiter limiter = new RateLimiter(2, 5, () -> nowMs);

    private long taken(String name, int tries) {
        return IntStream.range(0, tries).filter(i -> limiter.take(name)).count();
    }

    @Test
    void aBurstIsTakenAndThenAsMuchAsComesInATime() {
        assertThat(taken("a", 10)).isEqualTo(5);
        nowMs += 1_000;
        assertThat(taken("a", 10)).isEqualTo(2);
        nowMs += 250;
        assertThat(taken("a", 10)).isZero();
        nowMs += 250;
        assertThat(taken("a", 10)).isEqualTo(1);
        nowMs += 3_600_000;
        assertThat(taken("a", 10)).isEqualTo(5);
    }

    @Test
    void oneDoesNotUseUpWhatIsAnothers() {
        assertThat(taken("a", 10)).isEqualTo(5);
        assertThat(taken("b", 10)).isEqualTo(5);
    }

    @Test
    void noMoreSendersAreRememberedThanTheBound() {
        assertThat(taken("first", 10)).isEqualTo(5);
        IntStream.range(0, RateLimiter.MAX_BUCKETS).forEach(i -> limiter.take("n" + i));
        assertThat(limiter.size()).isEqualTo(RateLimiter.MAX_BUCKETS);
        assertThat(taken("first", 10)).isEqualTo(5);
    }
}
