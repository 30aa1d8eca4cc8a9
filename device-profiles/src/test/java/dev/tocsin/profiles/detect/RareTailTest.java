package dev.tocsin.profiles.detect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Random;
import org.junit.jupiter.api.Test;

class RareTailTest {
    private final float[] tails = new float[RareTail.SIZE];
    private final Random random = new Random(11);

    @Test
    void about_one_value_in_a_hundred_is_in_the_tail() {
        learn(20_000);
        int inside = 0;
        for (int i = 0; i < 20_000; i++) {
            inside += RareTail.evidence(tails, 0, exponential(), 20_000 + i) > 0 ? 1 : 0;
        }

        assertThat(inside / 20_000.0).isEqualTo(0.01, within(0.005));
    }

    @Test
    void the_evidence_of_a_value_is_its_true_improbability() {
        learn(50_000);

        // An exponential stream exceeds 9 with probability e^-9.
        assertThat(RareTail.evidence(tails, 0, 9, 50_000)).isEqualTo(9, within(1.5));
    }

    @Test
    void ordinary_values_are_no_evidence() {
        learn(5_000);

        assertThat(RareTail.evidence(tails, 0, 1, 5_000)).isZero();
    }

    @Test
    void one_monstrous_value_does_not_hide_the_next() {
        learn(5_000);
        RareTail.evidence(tails, 0, 1e6, 5_000);

        assertThat(RareTail.evidence(tails, 0, 12, 5_001)).isGreaterThan(8);
    }

    private void learn(int values) {
        for (int i = 0; i < values; i++) {
            RareTail.evidence(tails, 0, exponential(), i);
        }
    }

    private double exponential() {
        return -Math.log(1 - random.nextDouble());
    }
}
