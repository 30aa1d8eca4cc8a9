package dev.tocsin.standalone.broker.access;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Clock;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import org.junit.jupiter.api.Test;

class LookAgainTest {
    private long nowMs = 1_000_000;
    private final LookAgain files = new LookAgain(new Clock() {
        @Override
        public Instant instant() {
            return Instant.ofEpochMilli(nowMs);
        }

        @Override
        public ZoneId getZone() {
            return ZoneOffset.UTC;
        }

        @Override
        public Clock withZone(ZoneId zone) {
            throw new UnsupportedOperationException();
        }
    });

    @Test
    void filesAreLookedAtOnceASecondAndAtOnceWhenTheClockWasSetBack() {
        assertThat(files.isDue()).as("never looked at").isTrue();
        files.looked();
        nowMs += 999;
        assertThat(files.isDue()).isFalse();
        nowMs += 1;
        assertThat(files.isDue()).isTrue();
        files.looked();
        nowMs -= 3_600_000;
        assertThat(files.isDue()).as("an hour back").isTrue();
    }
}
