package dev.tocsin.standalone.bench;

import dev.tocsin.profiles.detect.PlantBaseline;
import java.util.Random;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** The plant baseline; a row is a reading of each channel. Public and not final for JMH's sake. */
@State(Scope.Thread)
public class PlantBenchmark {
    static final int CHANNELS = 8;

    private static final int ROWS = 1 << 14;

    private final double[][] rows = new double[ROWS][CHANNELS];
    private final PlantBaseline plant =
            new PlantBaseline(CHANNELS, PlantBaseline.LEARN_ROWS, PlantBaseline.FOLLOW_ROWS);
    private int row;

    @Setup
    public void fill() {
        Random random = new Random(1);
        for (double[] values : rows) {
            for (int i = 0; i < CHANNELS; i++) {
                values[i] = 100 * i + random.nextGaussian();
            }
        }
    }

    @Benchmark
    @OperationsPerInvocation(CHANNELS)
    public double score() {
        return plant.score(rows[row++ & (ROWS - 1)]);
    }
}
