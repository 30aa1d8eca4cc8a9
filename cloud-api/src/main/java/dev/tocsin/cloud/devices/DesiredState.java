package dev.tocsin.cloud.devices;

import dev.tocsin.cloud.broker.BrokerSession;
import dev.tocsin.profiles.desired.DesiredJson;
import dev.tocsin.profiles.profile.Profile;
import dev.tocsin.profiles.wire.Topics;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Publishes what the registry and other sources want, retained: everything at each new connection (the broker may have lost it), afterwards
 * what changed. Its own thread does it all.
 */
public final class DesiredState implements AutoCloseable {
    private static final long LOOK_EVERY_MS = 1_000;
    private static final long GATHER_MS = 200;

    private final Registry registry;
    private final BrokerSession broker;
    private final List<Profile> siteProfiles;
    private final List<Source> sources;
    private final ScheduledExecutorService thread = Executors.newSingleThreadScheduledExecutor(run -> {
        Thread named = new Thread(run, "desired-state");
        named.setDaemon(true);
        return named;
    });
    private final AtomicBoolean waiting = new AtomicBoolean();
    /** Of the thread only: version by topic that this connection was given. */
    private final Map<String, Long> published = new HashMap<>();

    /** What is to be published beside what the registry wants. */
    public interface Source {
        /** Everything that is to stand at the broker. */
        List<Retained> retained();

        /** One listener, told after each change. */
        void onChange(Runnable listener);
    }

    /** @param version a higher one replaces a lower one */
    public record Retained(String topic, long version, byte[] payload) {}

    /** @param siteProfiles those that do not come with the platform */
    public DesiredState(Registry registry, BrokerSession broker, List<Profile> siteProfiles, List<Source> sources) {
        this.registry = registry;
        this.broker = broker;
        this.siteProfiles = List.copyOf(siteProfiles);
        this.sources = List.copyOf(sources);
    }

    public void start() {
        registry.onChange(this::publishSoon);
        sources.forEach(source -> source.onChange(this::publishSoon));
        thread.scheduleWithFixedDelay(this::publishWhatDiffers, 0, LOOK_EVERY_MS, TimeUnit.MILLISECONDS);
    }

    /** To be called at each new connection. */
    public void connected() {
        thread.execute(() -> {
            published.clear();
            publishWhatDiffers();
        });
    }

    @Override
    public void close() {
        thread.shutdownNow();
    }

    /** Two hundred devices that are seen for the first time are a few publications of their gateway, not two hundred. */
    private void publishSoon() {
        if (waiting.compareAndSet(false, true)) {
            thread.schedule(
                    () -> {
                        waiting.set(false);
                        publishWhatDiffers();
                    },
                    GATHER_MS,
                    TimeUnit.MILLISECONDS);
        }
    }

    private void publishWhatDiffers() {
        if (!broker.isConnected()) {
            return;
        }
        RegistryImage image = registry.image();
        for (Profile profile : siteProfiles) {
            publish(
                    Topics.stateOfProfile(profile.id()),
                    profile.version(),
                    () -> profile.toJson().getBytes(StandardCharsets.UTF_8));
        }
        for (Source source : sources) {
            source.retained().forEach(one -> publish(one.topic(), one.version(), one::payload));
        }
        if (image.version(RegistryImage.AREAS) > 0) {
            publish(Topics.AREAS, image.version(RegistryImage.AREAS), () -> DesiredJson.write(image.areaTree()));
        }
        for (RegisteredGateway gateway : image.gateways().values()) {
            publish(
                    Topics.stateOfGateway(gateway.id()),
                    image.version(gateway.id()),
                    () -> DesiredJson.write(image.stateOf(gateway)));
        }
    }

    private void publish(String topic, long version, java.util.function.Supplier<byte[]> payload) {
        Long given = published.get(topic);
        if ((given == null || given < version) && broker.publishRetained(topic, payload.get())) {
            published.put(topic, version);
        }
    }
}
