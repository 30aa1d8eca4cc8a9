package dev.tocsin.profiles.detect;

/**
 * Counts on a grid of {@value #SIDE} by {@value #SIDE} how often a series has been where: a two-dimensional histogram
 * that spreads each visit over the four nearest cells and looks a cell further around, so that no edge between cells
 * makes news of its own (Scott, "Averaged shifted histograms", Annals of Statistics 13, 1985). Counts are unsigned
 * shorts in sixteenths of a visit; when one is full, all of its map are halved, which lets the distant past fade.
 */
final class VisitMap {
    static final int SIDE = 16;
    static final int SIZE = SIDE * SIDE;

    private static final int UNITS = 16;
    private static final int FULL = 0xFFFF - UNITS;
    /** Cells for a doubling of the distance from the middle. */
    private static final double CELLS_PER_OCTAVE = 1.8;
    /** The part of a visit that is looked for in each neighbouring cell. */
    private static final double BLUR = 0.1;
    /** Visits that every one of so many places is given beforehand (Krichevsky and Trofimov's estimator, sparse). */
    private static final double PRIOR_VISITS = 0.1;

    private static final double PRIOR_PLACES = 64;
    private static final double LN_2 = Math.log(2);

    private VisitMap() {}

    /** A place on the axis for a signed distance in units of the series' scale: linear near 0, logarithmic beyond. */
    static double signed(double z) {
        return SIDE / 2 + Math.signum(z) * CELLS_PER_OCTAVE * Math.log1p(Math.abs(z)) / LN_2;
    }

    /** A place on the axis for a size in units of the series' scale: logarithmic, half as fine. */
    static double positive(double size) {
        return SIDE / 2 + CELLS_PER_OCTAVE / 2 * Math.log(Math.max(size, 1e-4)) / LN_2;
    }

    /**
     * Notes one visit.
     *
     * @param cells counts of several maps, one after the other, each a row of b for each a
     * @param map which of them
     * @param visited the number of visits of each map
     * @return how rare the place was before this visit: the negative logarithm of its frequency, in nats
     */
    static double visit(short[] cells, int map, float[] visited, double a, double b) {
        double insideA = inside(a);
        double insideB = inside(b);
        int cellA = (int) insideA;
        int cellB = (int) insideB;
        double partA = insideA - cellA;
        double partB = insideB - cellB;
        int offset = map * SIZE;
        double found = 0;
        for (int i = -1; i <= 2; i++) {
            double sum = 0;
            int row = offset + (cellA + i) * SIDE + cellB;
            for (int j = -1; j <= 2; j++) {
                sum += weight(j, partB) * (cells[row + j] & 0xFFFF);
            }
            found += weight(i, partA) * sum;
        }
        double frequency = (found / UNITS + PRIOR_VISITS) / (visited[map] + PRIOR_VISITS * PRIOR_PLACES);
        int at = offset + cellA * SIDE + cellB;
        int fullest = add(cells, at, (1 - partA) * (1 - partB));
        fullest = Math.max(fullest, add(cells, at + 1, (1 - partA) * partB));
        fullest = Math.max(fullest, add(cells, at + SIDE, partA * (1 - partB)));
        fullest = Math.max(fullest, add(cells, at + SIDE + 1, partA * partB));
        visited[map]++;
        if (fullest > FULL) {
            fade(cells, offset);
            visited[map] /= 2;
        }
        return -Math.log(frequency);
    }

    /** The coordinate in cells' middles, so far inside that its surroundings are on the map. */
    private static double inside(double place) {
        return Math.max(1, Math.min(SIDE - 2.001, place - 0.5));
    }

    /** Linear interpolation between the cells 0 and 1, blurred by one cell to either side. */
    private static double weight(int cell, double part) {
        return switch (cell) {
            case -1 -> BLUR * (1 - part);
            case 0 -> (1 - 2 * BLUR) * (1 - part) + BLUR * part;
            case 1 -> (1 - 2 * BLUR) * part + BLUR * (1 - part);
            default -> BLUR * part;
        };
    }

    private static int add(short[] cells, int at, double part) {
        int count = (cells[at] & 0xFFFF) + (int) Math.round(part * UNITS);
        cells[at] = (short) count;
        return count;
    }

    private static void fade(short[] cells, int offset) {
        for (int i = offset; i < offset + SIZE; i++) {
            cells[i] = (short) ((cells[i] & 0xFFFF) / 2);
        }
    }
}
