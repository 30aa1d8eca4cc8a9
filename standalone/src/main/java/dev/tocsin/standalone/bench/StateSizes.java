package dev.tocsin.standalone.bench;

import dev.tocsin.profiles.detect.AdaptiveBaseline;
import dev.tocsin.profiles.detect.Judge;
import dev.tocsin.profiles.detect.PlantBaseline;
import dev.tocsin.profiles.detect.Rule;
import dev.tocsin.profiles.detect.RuleState;
import dev.tocsin.profiles.detect.RuleStates;
import dev.tocsin.profiles.profile.Metric;
import dev.tocsin.profiles.profile.Profile;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;
import org.openjdk.jol.info.GraphLayout;
import org.openjdk.jol.vm.VM;

/** What the detectors remember, in bytes on the heap, everything that they alone refer to included. */
final class StateSizes {
    static final int READINGS = 100_000;

    private StateSizes() {}

    /** 4 with compressed pointers, 8 without (heaps of more than 32 GB): the figures depend on it. */
    static long referenceBytes() {
        return VM.current().sizeOfField("oop");
    }

    static Map<String, Long> measure() {
        Map<String, Long> sizes = new LinkedHashMap<>();
        Random random = new Random(1);
        AdaptiveBaseline baseline = new AdaptiveBaseline();
        PlantBaseline plant =
                new PlantBaseline(PlantBenchmark.CHANNELS, PlantBaseline.LEARN_ROWS, PlantBaseline.FOLLOW_ROWS);
        double[] row = new double[PlantBenchmark.CHANNELS];
        for (int i = 0; i < READINGS; i++) {
            baseline.score(i * 60_000L, random.nextGaussian());
            for (int channel = 0; channel < row.length; channel++) {
                row[channel] = random.nextGaussian();
            }
            plant.score(row);
        }
        sizes.put("AdaptiveBaseline, one series", bytes(baseline));
        sizes.put("PlantBaseline, " + row.length + " channels", bytes(plant));
        for (String watched : JudgeBenchmark.WATCHED) {
            rules(watched, sizes);
        }
        return sizes;
    }

    private static void rules(String watched, Map<String, Long> sizes) {
        Profile profile = JudgeBenchmark.profile(watched);
        Metric metric = JudgeBenchmark.metric(watched);
        RuleStates states = RuleStates.in(new HashMap<>());
        Random random = new Random(1);
        for (int first = 0; first < READINGS; first += JudgeBenchmark.BATCH) {
            Judge.onReadings(profile, JudgeBenchmark.readings(profile, metric, random, first), states, finding -> {});
        }
        for (Rule rule : profile.rules()) {
            RuleState state = states.get(rule.id());
            if (state != null) {
                sizes.put("RuleState of " + rule.id(), bytes(state));
            }
        }
    }

    private static long bytes(Object state) {
        return GraphLayout.parseInstance(state).totalSize();
    }
}
