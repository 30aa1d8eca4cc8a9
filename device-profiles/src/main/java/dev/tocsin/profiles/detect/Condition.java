package dev.tocsin.profiles.detect;

/** When a rule's condition holds. Delays are not its business: see {@link Rule}. */
public sealed interface Condition {

    /** The threshold shown beside the readings, in the metric's unit (a rate: units a minute). */
    double limit();

    /**
     * At or above {@code limit}; once it holds, it holds until the value is below {@code clear} (hysteresis).
     *
     * @param clear at most {@code limit}
     */
    record Above(double limit, double clear) implements Condition {
        public Above {
            if (!(clear <= limit)) {
                throw new IllegalArgumentException("clear " + clear + " is above the limit " + limit);
            }
        }
    }

    /**
     * At or below {@code limit}; once it holds, it holds until the value is above {@code clear}.
     *
     * @param clear at least {@code limit}
     */
    record Below(double limit, double clear) implements Condition {
        public Below {
            if (!(clear >= limit)) {
                throw new IllegalArgumentException("clear " + clear + " is below the limit " + limit);
            }
        }
    }

    /**
     * Rises by at least {@code limit} units a minute, measured over {@code windowMs}; a single wrong sample, or the
     * step back from one, is no rise.
     *
     * @param limit units a minute, above 0; EN 54-5 class R and NFPA 72 practice: 8.3 K/min
     * @param windowMs 10 s to 10 min
     */
    record RateOfRise(double limit, long windowMs) implements Condition {
        public RateOfRise {
            if (!(limit > 0)) {
                throw new IllegalArgumentException("a rate of rise must be above 0, is " + limit);
            }
            if (windowMs < 10_000 || windowMs > 600_000) {
                throw new IllegalArgumentException("window " + windowMs + " ms is not within 10 s to 10 min");
            }
        }
    }
}
