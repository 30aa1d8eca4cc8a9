package dev.tocsin.profiles.detect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class VisitMapTest {
    private final short[] cells = new short[2 * VisitMap.SIZE];
    private final float[] visited = new float[2];

    @Test
    void a_place_is_less_rare_after_each_visit() {
        double first = visit(0, 5.5, 5.5);
        double second = visit(0, 5.5, 5.5);
        double third = visit(0, 5.5, 5.5);

        assertThat(second).isLessThan(first);
        assertThat(third).isLessThan(second);
    }

    @Test
    void a_place_next_to_a_visited_one_is_less_rare_than_one_far_off() {
        for (int i = 0; i < 50; i++) {
            visit(0, 5.5, 5.5);
        }

        assertThat(visit(0, 6.4, 5.5)).isLessThan(visit(0, 11.5, 11.5) - 1);
    }

    @Test
    void the_edge_between_two_cells_makes_no_difference() {
        for (int i = 0; i < 200; i++) {
            visit(0, 7.99, 7.5);
            visit(0, 8.01, 7.5);
        }

        assertThat(visit(0, 7.99, 7.5)).isCloseTo(visit(0, 8.01, 7.5), within(0.05));
    }

    @Test
    void maps_side_by_side_know_nothing_of_each_other() {
        double rarity = visit(1, 3.5, 3.5);
        for (int i = 0; i < 50; i++) {
            visit(0, 3.5, 3.5);
        }

        assertThat(visit(1, 12.5, 12.5)).isGreaterThan(rarity);
        assertThat(visited).containsExactly(50, 2);
    }

    @Test
    void a_full_count_halves_its_map_and_keeps_the_frequencies() {
        double rarity = 0;
        for (int i = 0; i < 5_000; i++) {
            rarity = visit(0, 4.5, 4.5);
            visit(0, 10.5, 10.5);
        }

        assertThat(visited[0]).isLessThan(9_000);
        assertThat(visit(0, 4.5, 4.5)).isCloseTo(rarity, within(0.01));
    }

    @Test
    void places_beyond_the_map_fall_on_its_edge() {
        assertThat(visit(0, VisitMap.signed(-1e30), VisitMap.positive(1e30))).isFinite();
        assertThat(visit(0, VisitMap.signed(1e30), VisitMap.positive(0))).isFinite();
    }

    @Test
    void the_middle_of_the_axis_is_the_series_own_centre() {
        assertThat(VisitMap.signed(0)).isEqualTo(8);
        assertThat(VisitMap.signed(1)).isEqualTo(9.8, within(1e-9));
        assertThat(VisitMap.signed(-3)).isEqualTo(4.4, within(1e-9));
        assertThat(VisitMap.positive(1)).isEqualTo(8);
    }

    private double visit(int map, double a, double b) {
        return VisitMap.visit(cells, map, visited, a, b);
    }
}
