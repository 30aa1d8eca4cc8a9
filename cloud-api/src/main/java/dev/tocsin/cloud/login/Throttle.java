package dev.tocsin.cloud.login;

import java.time.Clock;
import java.time.Duration;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Counts attempts to log in that did not succeed, those under way included, in windows of one minute: per user and source, so that guessing from one place does not lock
 * the user out of another; per source; and, far higher, per user. Safe for any thread.
 */
public final class Throttle {
    static final int PER_USER_AND_SOURCE = 5;
    static final int PER_SOURCE = 30;
    static final int PER_USER = 100;
    static final Duration WINDOW = Duration.ofMinutes(1);
    /** Guarded by this; the oldest window makes room. */
    private static final int MAX_KEYS = 10_000;

    private final Clock clock;
    private final Map<String, Window> windows = new LinkedHashMap<>();

    private static final class Window {
        private final long beginMs;
        private int attempts;
        private boolean told;

        Window(long beginMs) {
            this.beginMs = beginMs;
        }
    }

    /**
     * Whether one more attempt may be made; when it may, it is counted already.
     *
     * @param waitSeconds 0 when it may
     * @param first whether this is the window's first refusal, the one worth an audit row
     */
    public record Verdict(long waitSeconds, boolean first) {}

    public Throttle(Clock clock) {
        this.clock = clock;
    }

    /** Counted before the password is looked at: that takes long, and guesses made side by side would all pass. */
    public synchronized Verdict begin(String user, String source) {
        Verdict verdict = verdict("both " + user + " " + source, PER_USER_AND_SOURCE);
        verdict = verdict.waitSeconds() > 0 ? verdict : verdict("source " + source, PER_SOURCE);
        verdict = verdict.waitSeconds() > 0 ? verdict : verdict("user " + user, PER_USER);
        if (verdict.waitSeconds() == 0) {
            count("both " + user + " " + source);
            count("source " + source);
            count("user " + user);
        }
        return verdict;
    }

    public synchronized void succeeded(String user, String source) {
        windows.remove("both " + user + " " + source);
        takeBack("source " + source);
        takeBack("user " + user);
    }

    /** The attempt came to no answer, which is nobody's fault. */
    public synchronized void undecided(String user, String source) {
        takeBack("both " + user + " " + source);
        takeBack("source " + source);
        takeBack("user " + user);
    }

    private void takeBack(String key) {
        Window window = windows.get(key);
        if (window != null && window.attempts > 0) {
            window.attempts--;
        }
    }

    private Verdict verdict(String key, int limit) {
        Window window = windows.get(key);
        long nowMs = clock.millis();
        if (window == null || window.attempts < limit || ended(window, nowMs)) {
            return new Verdict(0, false);
        }
        boolean first = !window.told;
        window.told = true;
        return new Verdict(Math.max(1, (window.beginMs + WINDOW.toMillis() - nowMs + 999) / 1000), first);
    }

    private void count(String key) {
        long nowMs = clock.millis();
        Window window = windows.get(key);
        if (window == null || ended(window, nowMs)) {
            windows.remove(key);
            window = new Window(nowMs);
            windows.put(key, window);
            if (windows.size() > MAX_KEYS) {
                Iterator<String> oldest = windows.keySet().iterator();
                oldest.next();
                oldest.remove();
            }
        }
        window.attempts++;
    }

    private static boolean ended(Window window, long nowMs) {
        return nowMs - window.beginMs >= WINDOW.toMillis();
    }
}
