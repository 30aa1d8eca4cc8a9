package dev.tocsin.standalone.score;

import java.util.List;

/**
 * One series of NAB: rows in order and the windows in which an anomaly is to be found.
 *
 * @param file {@code group/name.csv}, as in NAB's labels
 * @param timestamps as written in the file, {@code yyyy-MM-dd HH:mm:ss} without a zone
 * @param valueTexts the values as written in the file, so that a result file repeats them unchanged
 * @param windows in order of time, apart from each other
 */
record NabSeries(String file, List<String> timestamps, List<String> valueTexts, double[] values, List<Window> windows) {
    /** Rows of one anomaly window, both ends included. */
    record Window(int first, int last) {
        int width() {
            return last - first + 1;
        }
    }

    /** NAB judges no row before this one: 15 % of the series, at most 750 rows. */
    int probation() {
        return (int) Math.min(Math.floor(0.15 * values.length), 0.15 * 5000);
    }

    String group() {
        return file.substring(0, file.indexOf('/'));
    }

    String name() {
        return file.substring(file.indexOf('/') + 1);
    }

    /** The index of the window that holds the row, -1 outside of all. */
    int windowAt(int row) {
        for (int i = 0; i < windows.size(); i++) {
            if (row >= windows.get(i).first() && row <= windows.get(i).last()) {
                return i;
            }
        }
        return -1;
    }
}
