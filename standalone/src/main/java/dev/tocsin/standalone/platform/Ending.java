package dev.tocsin.standalone.platform;

import java.time.Duration;
import java.util.Collection;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** How processes are ended. */
final class Ending {
    /** The system needs no longer to take a process away that was killed. */
    private static final Duration KILLED_WITHIN = Duration.ofSeconds(1);

    private Ending() {}

    /** Asks all of them at once, waits for as long as all of them together have, and kills what is left. */
    static void of(Collection<ProcessHandle> processes, Duration grace) {
        processes.forEach(ProcessHandle::destroy);
        await(processes, grace);
        processes.forEach(ProcessHandle::destroyForcibly);
        await(processes, KILLED_WITHIN);
    }

    private static void await(Collection<ProcessHandle> processes, Duration together) {
        long until = System.nanoTime() + together.toNanos();
        for (ProcessHandle process : processes) {
            try {
                process.onExit().get(Math.max(0, until - System.nanoTime()), TimeUnit.NANOSECONDS);
            } catch (TimeoutException e) {
                return;
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return;
            } catch (ExecutionException e) {
                throw new IllegalStateException("waiting for process " + process.pid() + " to end", e);
            }
        }
    }
}
