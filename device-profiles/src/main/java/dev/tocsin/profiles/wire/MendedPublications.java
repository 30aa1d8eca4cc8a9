package dev.tocsin.profiles.wire;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Messages that the MQTT client could not have read, see {@link LegiblePackets}, counted and named in the log; of a flood
 * one a second. Of the whole process: the client makes sockets where nobody of ours is, and it is the number that
 * somebody watches. Safe for any thread.
 */
public final class MendedPublications {
    private static final Logger LOG = LoggerFactory.getLogger(MendedPublications.class);
    private static final long LOG_EVERY_NANOS = TimeUnit.SECONDS.toNanos(1);
    private static final int SHOWN_CHARACTERS = 200;

    private static final AtomicLong COUNT = new AtomicLong();
    private static final AtomicLong LOG_NEXT_NANOS = new AtomicLong(System.nanoTime());

    private MendedPublications() {}

    /** Since the process began. */
    public static long count() {
        return COUNT.get();
    }

    static void add(String topic, String why) {
        long count = COUNT.incrementAndGet();
        long now = System.nanoTime();
        long next = LOG_NEXT_NANOS.get();
        if (now - next >= 0 && LOG_NEXT_NANOS.compareAndSet(next, now + LOG_EVERY_NANOS)) {
            LOG.warn(
                    "a message on '{}' is not as the MQTT client reads it and was mended ({} so far): {}",
                    shown(topic),
                    count,
                    why);
        }
    }

    /** Without what a terminal would obey. */
    private static String shown(String topic) {
        StringBuilder shown = new StringBuilder();
        topic.codePoints()
                .limit(SHOWN_CHARACTERS)
                .forEach(c ->
                        shown.append(PublishHead.isRefused(c) ? String.format("\\u{%x}", c) : Character.toString(c)));
        return shown.toString();
    }
}
