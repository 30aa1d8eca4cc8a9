package dev.tocsin.standalone.score;

import java.util.List;

/**
 * What an application pays: NAB's cost matrix. A true positive earns up to {@code truePositive}, a false one costs up
 * to {@code falsePositive}, a missed window costs {@code falseNegative}.
 */
record NabProfile(String name, double truePositive, double falsePositive, double falseNegative) {
    static final NabProfile STANDARD = new NabProfile("standard", 1, 0.11, 1);
    static final NabProfile LOW_FALSE_POSITIVE = new NabProfile("reward_low_FP_rate", 1, 0.22, 1);
    static final NabProfile LOW_FALSE_NEGATIVE = new NabProfile("reward_low_FN_rate", 1, 0.11, 2);

    /** NAB's three (numenta/NAB config/profiles.json), in the order of the columns of its result files. */
    static final List<NabProfile> ALL = List.of(LOW_FALSE_POSITIVE, LOW_FALSE_NEGATIVE, STANDARD);
}
