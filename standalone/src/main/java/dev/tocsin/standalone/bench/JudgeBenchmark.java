package dev.tocsin.standalone.bench;

import dev.tocsin.profiles.detect.Finding;
import dev.tocsin.profiles.detect.Judge;
import dev.tocsin.profiles.detect.RuleStates;
import dev.tocsin.profiles.profile.Metric;
import dev.tocsin.profiles.profile.Profile;
import dev.tocsin.profiles.profile.ProfileCatalog;
import dev.tocsin.profiles.reading.DeviceReadings;
import dev.tocsin.profiles.reading.Quality;
import dev.tocsin.profiles.reading.Reading;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.function.Consumer;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.infra.Blackhole;

/**
 * All rules of a metric held against batches of its calm readings. Public and not final, because the code that JMH
 * generates extends it.
 */
@State(Scope.Thread)
public class JudgeBenchmark {
    static final int BATCH = 100;

    private static final String HEAT = "heat-en54-a1r temperature";
    private static final String CO = "co-detector co";
    private static final String WATER = "water-pressure pressure";
    static final List<String> WATCHED = List.of(HEAT, CO, WATER);

    private static final int BATCHES = 1_000;
    private static final long EVERY_MS = 10_000;

    /** Profile and metric. */
    @Param({HEAT, CO, WATER})
    public String watched = HEAT;

    private final List<DeviceReadings> batches = new ArrayList<>();
    private Profile profile = profile(HEAT);
    private RuleStates states = RuleStates.in(new HashMap<>());
    private int next;

    @Setup
    public void fill() {
        profile = profile(watched);
        Metric metric = metric(watched);
        Random random = new Random(1);
        for (int batch = 0; batch < BATCHES; batch++) {
            batches.add(readings(profile, metric, random, batch * BATCH));
        }
    }

    static Profile profile(String watched) {
        return Objects.requireNonNull(ProfileCatalog.builtIn().find(watched.split(" ")[0]));
    }

    static Metric metric(String watched) {
        return Objects.requireNonNull(profile(watched).metrics().get(watched.split(" ")[1]));
    }

    /** A batch of calm values, with noise of a hundredth. */
    static DeviceReadings readings(Profile profile, Metric metric, Random random, int first) {
        List<Reading> readings = new ArrayList<>();
        double calm = calm(metric);
        for (int i = first; i < first + BATCH; i++) {
            double value = calm * (1 + 0.01 * random.nextGaussian());
            readings.add(new Reading("d", metric.name(), value, i * EVERY_MS, i * EVERY_MS, Quality.GOOD));
        }
        return DeviceReadings.of("d", profile.id(), false, first, readings);
    }

    /** Of each metric that is watched, what raises nothing. */
    private static double calm(Metric metric) {
        return switch (metric.unit()) {
            case "Cel" -> 21;
            case "ppm" -> 5;
            case "Pa" -> 400_000;
            default -> throw new IllegalArgumentException("no calm value is known of " + metric.unit());
        };
    }

    @Benchmark
    @OperationsPerInvocation(BATCH)
    public void judge(Blackhole findings) {
        if (next == BATCHES) {
            // Readings that are older than the newest are not judged: the same again needs a new memory.
            next = 0;
            states = RuleStates.in(new HashMap<>());
        }
        Consumer<Finding> taken = findings::consume;
        Judge.onReadings(profile, batches.get(next++), states, taken);
    }
}
