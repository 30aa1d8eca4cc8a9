package dev.tocsin.agent.spool;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Has work put into a draft what follows from it; work that fails takes nothing else with it. For the writer thread. */
final class Digestion {
    private static final Logger LOG = LoggerFactory.getLogger(Digestion.class);

    private Digestion() {}

    static void into(Draft draft, Work work) {
        try {
            work.into(draft);
        } catch (RuntimeException e) {
            // Not its message: that may quote the input, and with it a secret.
            LOG.error("a message could not be digested and is kept as rejected: {}", place(e));
            work.indigestible(draft, e);
        }
    }

    static Draft inPassing(Work work, RecentReadings recent, Redelivery redelivery) {
        Draft draft = Draft.passing(recent, redelivery);
        try {
            work.into(draft);
        } catch (RuntimeException e) {
            // It comes again, and is kept as rejected then.
            LOG.error("a message could not be digested in passing: {}", place(e));
        }
        return draft;
    }

    private static String place(RuntimeException e) {
        StackTraceElement[] trace = e.getStackTrace();
        return e.getClass().getName() + (trace.length == 0 ? "" : " at " + trace[0]);
    }
}
