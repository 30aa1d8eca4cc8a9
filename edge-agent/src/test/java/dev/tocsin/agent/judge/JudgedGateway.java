package dev.tocsin.agent.judge;

import dev.tocsin.agent.desired.Registry;
import dev.tocsin.agent.spool.Draft;
import dev.tocsin.agent.spool.Spool;
import dev.tocsin.agent.spool.Spools;
import dev.tocsin.agent.spool.Steps;
import dev.tocsin.agent.spool.Via;
import dev.tocsin.profiles.alert.Alert;
import dev.tocsin.profiles.alert.Place;
import dev.tocsin.profiles.desired.DesiredJson;
import dev.tocsin.profiles.desired.GatewayState;
import dev.tocsin.profiles.desired.GatewayState.EnrolledDevice;
import dev.tocsin.profiles.desired.GatewayState.Enrolment;
import dev.tocsin.profiles.profile.Profile;
import dev.tocsin.profiles.profile.ProfileCatalog;
import dev.tocsin.profiles.reading.Quality;
import dev.tocsin.profiles.reading.Reading;
import dev.tocsin.profiles.wire.Topics;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;

/**
 * A judge over a spool of its own, of a gateway that takes enrolled devices only: a smoke detector in the kitchen to
 * begin with. Its time is the test's.
 */
final class JudgedGateway implements AutoCloseable {
    private static final Via MQTT = new Via("MQTT", 1);

    private static final String SLOW = """
            id: slow
            version: 1
            name: {en: Slow, zh: Slow}
            category: climate
            codec: {type: senml}
            metrics:
              temperature: {unit: Cel, label: {en: Temperature, zh: Temperature}, min: -40, max: 1500}
            rules:
              - id: hot
                metric: temperature
                when: {above: 57, clear: 50}
                on-delay: 10s
                kind: alarm
                severity: critical
                name: {en: Hot, zh: Hot}
            """;

    long nowMs = 1_800_000_000_000L;

    private final Clock clock = Spools.clock(() -> Instant.ofEpochMilli(nowMs));
    final Registry registry = new Registry("gw-1", Enrolment.CLOSED, ProfileCatalog.builtIn(), clock, () -> true);
    final Spool spool;
    EdgeJudge judge;
    private long version;

    JudgedGateway(Path folder) {
        spool = Spools.of(
                folder.resolve("spool.db"), Spools.limits(1 << 24, 100, 100), clock, Spools.monotonicMs(), way -> null);
        spool.start(commit -> {}, () -> {});
        enrol("kitchen", "zigbee2mqtt-smoke");
        restart();
    }

    /** Judges anew by what is kept, as after a kill. */
    void restart() {
        judge = new EdgeJudge(
                "gw-1",
                registry,
                new EdgeJudge.Memory(
                        spool.kept(EdgeJudge.KIND_ALERT),
                        spool.kept(EdgeJudge.KIND_STATE),
                        spool.kept(EdgeJudge.KIND_HEARD)),
                clock,
                () -> nowMs,
                Map.of(MQTT.way(), () -> 0L));
    }

    /** This device and no other. */
    void enrol(String device, String profile) {
        enrol(List.of(new EnrolledDevice(device, profile, device, place(device))));
    }

    void enrol(List<EnrolledDevice> devices) {
        GatewayState state = new GatewayState(++version, "gw-1", "Gateway", place("hall"), Enrolment.CLOSED, devices);
        registry.apply(Topics.stateOfGateway("gw-1"), DesiredJson.write(state));
    }

    private static Place place(String name) {
        return new Place(new String[] {"district"}, name, null, null);
    }

    /** A profile {@code slow}, with an alarm that a temperature raises only after ten seconds. */
    void learnSlow() {
        registry.apply(Topics.stateOfProfile("slow"), SLOW.getBytes(StandardCharsets.UTF_8));
    }

    /** An oven of the profile {@code slow}, and no other device. */
    void enrolOven() {
        learnSlow();
        enrol("oven", "slow");
    }

    void oven(double celsius) {
        says("oven", "slow", false, reading("oven", "temperature", celsius, nowMs));
    }

    void smoke(double value, boolean replayed, long atMs) {
        says("kitchen", "zigbee2mqtt-smoke", replayed, reading("kitchen", "smoke", value, atMs));
    }

    void says(String device, String profile, boolean replayed, Reading reading) {
        run(draft -> judge.onReadings(draft, profile(profile), device, replayed, List.of(reading), MQTT));
    }

    /** One that is not enrolled. */
    void strangerSays(String profile, String metric, double value) {
        Reading reading = reading("stranger", metric, value, nowMs);
        run(draft -> judge.onStranger(draft, profile(profile), "stranger", List.of(reading)));
    }

    Reading reading(String device, String metric, double value, long atMs) {
        return new Reading(device, metric, value, atMs, nowMs, Quality.GOOD);
    }

    Profile profile(String id) {
        return Objects.requireNonNull(registry.catalog().find(id), id);
    }

    void tick() {
        run(judge::tick);
    }

    void run(Consumer<Draft> into) {
        Steps.commit(spool, into);
    }

    List<Alert> alerts() {
        return Spools.alerts(spool);
    }

    @Override
    public void close() {
        spool.close();
    }
}
