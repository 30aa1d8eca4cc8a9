package dev.tocsin.standalone.bench;

import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.results.Result;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.Options;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import org.openjdk.jmh.runner.options.VerboseMode;

/** Measures the detectors without the platform: their time by JMH, each in a process of its own, their state by JOL. */
public final class DetectBench {
    private static final int ITERATIONS = 5;

    private final Duration seconds;
    private final Consumer<String> print;

    /** @param seconds how long each figure is measured, after as long a warm-up */
    public DetectBench(Duration seconds, Consumer<String> print) {
        this.seconds = seconds;
        this.print = print;
    }

    public void run() throws RunnerException {
        print.accept("time, mean of " + ITERATIONS
                + " iterations with its 99.9 % confidence interval, and the best, which other work disturbed least:");
        for (RunResult run : new Runner(options()).run()) {
            print.accept(time(run));
        }
        print.accept("state after " + StateSizes.READINGS + " readings, references of " + StateSizes.referenceBytes()
                + " bytes:");
        StateSizes.measure().forEach((what, bytes) -> print.accept(line(what, "%,d bytes".formatted(bytes))));
    }

    private Options options() {
        TimeValue iteration = TimeValue.milliseconds(Math.max(1, seconds.toMillis() / ITERATIONS));
        return new OptionsBuilder()
                .include("^" + DetectBench.class.getPackageName().replace(".", "\\.") + "\\.")
                .mode(Mode.AverageTime)
                .timeUnit(TimeUnit.NANOSECONDS)
                .forks(1)
                .warmupIterations(ITERATIONS)
                .warmupTime(iteration)
                .measurementIterations(ITERATIONS)
                .measurementTime(iteration)
                .verbosity(VerboseMode.SILENT)
                .shouldFailOnError(true)
                .build();
    }

    private static String time(RunResult run) {
        StringBuilder what = new StringBuilder(run.getParams().getBenchmark());
        what.delete(0, DetectBench.class.getPackageName().length() + 1);
        for (String key : run.getParams().getParamsKeys()) {
            what.append(", ").append(key).append(' ').append(run.getParams().getParam(key));
        }
        Result<?> result = run.getPrimaryResult();
        return line(
                what.toString(),
                String.format(
                        Locale.ROOT,
                        "%.0f ± %.0f, best %.0f ns a reading",
                        result.getScore(),
                        result.getScoreError(),
                        result.getStatistics().getMin()));
    }

    private static String line(String what, String figure) {
        return "  %-62s %s".formatted(what, figure);
    }
}
