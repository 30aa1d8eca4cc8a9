package dev.tocsin.profiles.wire;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

class SequencesTest {
    private static List<Long> numbers(List<Sequences.Range> ranges) {
        List<Long> numbers = new ArrayList<>();
        for (Sequences.Range range : ranges) {
            for (long n = range.first(); n <= range.last(); n++) {
                numbers.add(n);
            }
        }
        return numbers;
    }

    @Test
    void aSetOfRangesIsTheSetOfItsNumbers() {
        Random random = new Random(11);
        for (int round = 0; round < 60; round++) {
            Sequences sequences = new Sequences();
            TreeSet<Long> naive = new TreeSet<>();
            for (int step = 0; step < 60; step++) {
                long first = 1L + random.nextInt(200);
                long last = first + random.nextInt(step % 3 == 0 ? 40 : 3);
                List<Long> fresh = new ArrayList<>();
                for (long n = first; n <= last; n++) {
                    if (!naive.contains(n)) {
                        fresh.add(n);
                    }
                }
                assertThat(numbers(sequences.missing(first, last))).isEqualTo(fresh);
                assertThat(numbers(sequences.add(first, last))).isEqualTo(fresh);
                naive.addAll(fresh);
                assertThat(numbers(sequences.ranges())).containsExactlyElementsOf(naive);
                assertThat(sequences.contains(first)).isTrue();
                assertThat(sequences.contains(last + 1)).isEqualTo(naive.contains(last + 1));
            }
            for (int i = 1; i < sequences.size; i++) {
                assertThat(sequences.bounds[2 * i]).isGreaterThan(sequences.bounds[2 * i - 1] + 1);
            }
        }
    }
}
