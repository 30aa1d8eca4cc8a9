package dev.tocsin.agent.spool;

/**
 * What was given up.
 *
 * @param fromMs when the first of the readings had been stored, by the gateway's clock then; 0 without any
 * @param toMs the same of the last
 * @param others what had been rejected or seen
 */
public record Loss(long readings, long fromMs, long toMs, long alerts, long others) {
    public static final Loss NONE = new Loss(0, 0, 0, 0, 0);

    public boolean isNone() {
        return readings == 0 && alerts == 0 && others == 0;
    }

    /** Alerts, and what was rejected or seen. */
    public long messages() {
        return alerts + others;
    }

    Loss plus(Loss more) {
        boolean first = readings == 0;
        boolean none = more.readings == 0;
        return new Loss(
                readings + more.readings,
                first ? more.fromMs : none ? fromMs : Math.min(fromMs, more.fromMs),
                first ? more.toMs : none ? toMs : Math.max(toMs, more.toMs),
                alerts + more.alerts,
                others + more.others);
    }

    static Loss ofReadings(long count, long fromMs, long toMs) {
        return new Loss(count, fromMs, toMs, 0, 0);
    }

    static Loss ofAlert() {
        return new Loss(0, 0, 0, 1, 0);
    }

    static Loss ofOther() {
        return new Loss(0, 0, 0, 0, 1);
    }
}
