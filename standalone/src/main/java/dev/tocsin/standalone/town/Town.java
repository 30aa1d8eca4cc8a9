package dev.tocsin.standalone.town;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tocsin.profiles.profile.Profile;
import dev.tocsin.profiles.profile.ProfileCatalog;
import dev.tocsin.standalone.field.FieldPublisher;
import dev.tocsin.standalone.field.SenMl;
import java.time.Clock;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Lets the devices of a {@link TownPlan} report, each in its own rhythm, until closed. One thread of its own does all of
 * it.
 */
public final class Town implements AutoCloseable {
    private static final long TICK_MS = 500;
    /** In a hurry a detector reports every second. */
    private static final int HURRIED_TICKS = 2;

    private final TownPlan plan = TownPlan.build();
    private final ProfileCatalog profiles = ProfileCatalog.builtIn();
    private final ObjectMapper json = new ObjectMapper();
    private final Random weather = new Random(20_260_302);
    private final ScheduledExecutorService thread = Executors.newSingleThreadScheduledExecutor(run -> {
        Thread named = new Thread(run, "town");
        named.setDaemon(true);
        return named;
    });
    private final Clock clock;
    private long tick;
    private @Nullable FieldPublisher publisher;

    public Town(Clock clock) {
        this.clock = clock;
    }

    /** The registry of the town, as the API imports it. */
    public String registry(String gateway) {
        return new TownRegistry(plan).json(gateway);
    }

    /** What is about to happen, by time. */
    public Map<String, String> announcement() {
        return plan.scene().announcement();
    }

    public int deviceCount() {
        return plan.fixtures().size();
    }

    /** Begins; the publisher stays the caller's to close. */
    public void live(FieldPublisher through) {
        publisher = through;
        thread.scheduleAtFixedRate(this::reportDue, 0, TICK_MS, TimeUnit.MILLISECONDS);
    }

    private void reportDue() {
        double seconds = tick * TICK_MS / 1000.0;
        for (int i = 0; i < plan.fixtures().size() && !thread.isShutdown(); i++) {
            Fixture fixture = plan.fixtures().get(i);
            boolean hurried = plan.scene().hurried(fixture, seconds);
            long every = hurried ? HURRIED_TICKS : fixture.kind().everySeconds() * 1000L / TICK_MS;
            // Everybody reports in the first ticks; afterwards the town is spread over the interval.
            boolean first = tick == i % HURRIED_TICKS;
            if ((first || (tick + i) % every == 0) && !plan.scene().silent(fixture, seconds)) {
                report(fixture, seconds);
            }
        }
        tick++;
    }

    private void report(Fixture fixture, double seconds) {
        double calmC = 20 + Math.floorMod(fixture.id().hashCode(), 30) / 10.0 + weather.nextGaussian() * 0.05;
        Scene.Air air = plan.scene().around(fixture, seconds, calmC);
        FieldPublisher through = publisher;
        if (through == null) {
            return;
        }
        try {
            through.publish(fixture.topic(), payload(fixture, air), Map.of());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private byte[] payload(Fixture fixture, Scene.Air air) {
        Map<String, Double> values = new LinkedHashMap<>();
        switch (fixture.kind()) {
            case HEAT -> values.put("temperature", rounded(air.temperatureC()));
            case ROOM -> {
                values.put("temperature", rounded(air.temperatureC()));
                values.put("humidity", rounded(48 + weather.nextGaussian()));
                values.put("co2", (double) Math.round(520 + weather.nextGaussian() * 5));
            }
            case CO -> values.put("co", (double) Math.round(air.coPpm()));
            case DOOR -> {
                values.put("open", air.forced() ? 1.0 : 0.0);
                values.put("forced", air.forced() ? 1.0 : 0.0);
            }
            case SMOKE, LEAK -> {
                ObjectNode message = json.createObjectNode();
                message.put(fixture.kind() == Kind.SMOKE ? "smoke" : "water_leak", air.smoke());
                message.put("battery", 90).put("battery_low", false).put("linkquality", 120);
                return message.toString().getBytes(java.nio.charset.StandardCharsets.UTF_8);
            }
        }
        return SenMl.pack(profile(fixture), clock.millis(), values);
    }

    private Profile profile(Fixture fixture) {
        Profile profile = profiles.find(fixture.kind().profile());
        if (profile == null) {
            throw new IllegalStateException(
                    "no built-in profile " + fixture.kind().profile());
        }
        return profile;
    }

    private static double rounded(double value) {
        return Math.round(value * 10) / 10.0;
    }

    @Override
    public void close() {
        thread.shutdownNow();
    }
}
