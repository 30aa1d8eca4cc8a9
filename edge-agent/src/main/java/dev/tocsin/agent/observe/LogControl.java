package dev.tocsin.agent.observe;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.AppenderBase;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;

/** The level of this process's log, and its newest lines. Safe for any thread. */
public final class LogControl implements AutoCloseable {
    static final int MAX_LINES = 300;
    private static final int MAX_LINE = 500;
    private static final String OURS = "dev.tocsin";

    private final Logger ours;
    private final Logger root;
    private final Level atStart;
    private final Recent recent = new Recent();
    private final ScheduledExecutorService thread =
            Executors.newSingleThreadScheduledExecutor(runnable -> new Thread(runnable, "log-level"));
    /** What holds when nobody asked for another for a time. Guarded by this. */
    private Level usual;

    private @Nullable Future<?> back;

    /** Takes hold of the log; nothing else in the process may. */
    public LogControl() {
        LoggerContext context = (LoggerContext) LoggerFactory.getILoggerFactory();
        ours = context.getLogger(OURS);
        root = context.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
        atStart = ours.getEffectiveLevel();
        usual = atStart;
        recent.setContext(context);
        recent.start();
        root.addAppender(recent);
    }

    /** From now on; nothing for the level that the process was started with. */
    public synchronized void usual(@Nullable String level) {
        usual = level == null ? atStart : Level.toLevel(level, atStart);
        if (back == null) {
            ours.setLevel(usual);
        }
    }

    /** @throws IllegalArgumentException when there is no such level */
    public synchronized void forATime(String level, Duration time) {
        Level asked = Level.toLevel(level, null);
        if (asked == null) {
            throw new IllegalArgumentException("level '" + level + "' is none of error, warn, info, debug, trace");
        }
        if (back != null) {
            back.cancel(false);
        }
        ours.setLevel(asked);
        back = thread.schedule(new Chore(this::restore), time.toMillis(), TimeUnit.MILLISECONDS);
    }

    private synchronized void restore() {
        back = null;
        ours.setLevel(usual);
    }

    public synchronized String level() {
        return String.valueOf(ours.getEffectiveLevel());
    }

    /** The newest lines that fit, oldest first. */
    public String newest(int maxCharacters) {
        return recent.newest(maxCharacters);
    }

    @Override
    public void close() {
        thread.shutdownNow();
        root.detachAppender(recent);
        recent.stop();
        ours.setLevel(atStart);
    }

    private static final class Recent extends AppenderBase<ILoggingEvent> {
        private final Deque<String> lines = new ArrayDeque<>();

        @Override
        protected void append(ILoggingEvent event) {
            String line = event.getInstant() + " " + event.getLevel() + " " + event.getLoggerName() + " "
                    + event.getFormattedMessage();
            String kept = line.length() > MAX_LINE ? line.substring(0, MAX_LINE) : line;
            synchronized (lines) {
                lines.add(kept);
                if (lines.size() > MAX_LINES) {
                    lines.remove();
                }
            }
        }

        String newest(int maxCharacters) {
            Deque<String> fit = new ArrayDeque<>();
            int left = maxCharacters;
            synchronized (lines) {
                for (var newestFirst = lines.descendingIterator(); newestFirst.hasNext(); ) {
                    String line = newestFirst.next();
                    left -= line.length() + 1;
                    if (left < 0) {
                        break;
                    }
                    fit.addFirst(line);
                }
            }
            return String.join("\n", fit);
        }
    }
}
