package dev.tocsin.standalone.bench;

import dev.tocsin.profiles.detect.AdaptiveBaseline;
import java.util.Random;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/**
 * The adaptive baseline over series in turn: a single one stays in the processor's cache, twenty thousand (40 MB) do
 * not. Public and not final for JMH's sake.
 */
@State(Scope.Thread)
public class BaselineBenchmark {
    private static final int VALUES = 1 << 16;
    private static final long EVERY_MS = 60_000;

    @Param({"1", "20000"})
    public int series = 1;

    private final double[] values = new double[VALUES];
    private AdaptiveBaseline[] baselines = {};
    private int one;
    private int row;

    @Setup
    public void fill() {
        Random random = new Random(1);
        for (int i = 0; i < VALUES; i++) {
            values[i] = 5 * Math.sin(i / 300.0) + random.nextGaussian();
        }
        baselines = new AdaptiveBaseline[series];
        for (int i = 0; i < series; i++) {
            baselines[i] = new AdaptiveBaseline();
        }
    }

    @Benchmark
    public double score() {
        if (++one >= series) {
            one = 0;
            row++;
        }
        return baselines[one].score(row * EVERY_MS, values[(row + one) & (VALUES - 1)]);
    }
}
