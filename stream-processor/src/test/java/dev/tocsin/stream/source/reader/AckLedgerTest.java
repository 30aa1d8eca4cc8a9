package dev.tocsin.stream.source.reader;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class AckLedgerTest {
    private final AckLedger ledger = new AckLedger();

    @Test
    void only_what_was_taken_before_the_barrier_is_covered_by_its_checkpoint() {
        ledger.taken(1, 10);
        ledger.taken(1, 11);
        ledger.barrier(1);
        ledger.taken(1, 12);

        assertThat(ledger.completed(1)).containsExactly(10, 11);
        assertThat(ledger.waiting()).isOne();
    }

    @Test
    void a_checkpoint_covers_those_before_it_that_never_completed() {
        ledger.taken(1, 10);
        ledger.barrier(1);
        ledger.taken(1, 11);
        ledger.barrier(2);
        ledger.barrier(3);
        ledger.taken(1, 12);
        ledger.barrier(4);

        assertThat(ledger.completed(3)).containsExactly(10, 11);
        assertThat(ledger.completed(3)).isEmpty();
        assertThat(ledger.completed(4)).containsExactly(12);
        assertThat(ledger.waiting()).isZero();
    }

    @Test
    void ids_of_a_lost_connection_are_forgotten_with_the_first_message_of_the_next() {
        ledger.taken(1, 10);
        ledger.barrier(1);
        ledger.taken(1, 11);

        ledger.taken(2, 1);
        ledger.barrier(2);

        assertThat(ledger.completed(2)).containsExactly(1);
        assertThat(ledger.connection()).isEqualTo(2);
        assertThat(ledger.waiting()).isZero();
    }

    @Test
    void a_straggler_of_a_lost_connection_is_not_acknowledged_on_the_next() {
        ledger.taken(2, 1);
        ledger.taken(1, 99);
        ledger.barrier(1);

        assertThat(ledger.completed(1)).containsExactly(1);
    }

    @Test
    void a_whole_window_fits() {
        for (int id = 1; id <= 65_535; id++) {
            ledger.taken(1, id);
        }
        assertThat(ledger.waiting()).isEqualTo(65_535);
        ledger.barrier(1);

        assertThat(ledger.completed(1)).hasSize(65_535).startsWith(1, 2).endsWith(65_534, 65_535);
    }
}
