package dev.tocsin.agent.spool;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

/** Who finds a place in the queue. */
class InboxTest {
    private final Inbox inbox = new Inbox(Spools.limits(1 << 30, 2, 1));

    private static Work message() {
        return new Steps(draft -> {});
    }

    private boolean submit(Work work) {
        return inbox.submit(work, Duration.ZERO);
    }

    /** Behind senders that took each place which became free, it used to find one by luck alone. */
    @Test
    void whatIsDueByTimeFindsAPlaceWhereMessagesFindNone() throws Exception {
        Work first = message();
        Work second = message();
        Work due = new Keep("k", "k", new byte[1]);
        assertThat(submit(first)).isTrue();
        assertThat(submit(second)).isTrue();
        assertThat(submit(message())).isFalse();
        assertThat(submit(due)).isTrue();
        assertThat(submit(message())).as("it makes no room either").isFalse();

        assertThat(inbox.next().works()).containsExactly(first);
        assertThat(inbox.next().works()).as("what comes after is not overtaken").containsExactly(second, due);
    }

    @Test
    void nothingFindsAPlaceOnceItIsClosed() {
        inbox.close();
        assertThat(submit(message())).isFalse();
        assertThat(submit(new Keep("k", "k", null))).isFalse();
    }
}
