package dev.tocsin.cloud;

import static org.awaitility.Awaitility.await;

import dev.tocsin.cloud.broker.BrokerAddress;
import dev.tocsin.cloud.devices.RegistryFile;
import dev.tocsin.cloud.identity.IdentityConfig;
import dev.tocsin.profiles.alert.Alert;
import dev.tocsin.profiles.alert.AlertJson;
import dev.tocsin.profiles.alert.AlertKind;
import dev.tocsin.profiles.alert.AlertState;
import dev.tocsin.profiles.alert.Evidence;
import dev.tocsin.profiles.alert.Place;
import dev.tocsin.profiles.alert.Severity;
import dev.tocsin.profiles.desired.GatewayState.Enrolment;
import dev.tocsin.profiles.profile.Profile;
import dev.tocsin.profiles.profile.ProfileCatalog;
import dev.tocsin.profiles.wire.Topics;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Stream;

/** The API with a real broker and a real database, and the demo's three users. */
final class RunningApi implements AutoCloseable {
    static final String PASSWORD = "correct horse battery";
    static final String AREA = "old-town";

    static final IdentityConfig IDENTITIES = new IdentityConfig(
            0,
            "127.0.0.1",
            List.of("localhost", "127.0.0.1"),
            "ssl://localhost:8883",
            Duration.ofDays(7),
            Duration.ofDays(90),
            Duration.ofHours(24));

    final MovableClock clock = new MovableClock();
    final TestBroker broker;
    final TestDatabase database;
    final Path data;
    private CloudServer server;
    String base;

    RunningApi() throws Exception {
        this(new TestBroker(), new TestDatabase());
        start();
        await().atMost(Duration.ofSeconds(30))
                .until(() -> get("/health").contains("\"database\":\"ok\"")
                        && get("/health").contains("\"broker\":\"ok\"")
                        // The session of alerts is another one: what is published before it is subscribed is nobody's.
                        && get("/metrics").contains("tocsin_broker_connected 1.0"));
    }

    RunningApi(TestBroker broker, TestDatabase database) throws Exception {
        this(broker, database, Files.createTempDirectory("tocsin-api"));
    }

    RunningApi(TestBroker broker, TestDatabase database, Path data) {
        this.broker = broker;
        this.database = database;
        this.data = data;
    }

    RunningApi start() throws Exception {
        server =
                new CloudServer(config(PASSWORD), new CloudServer.Site(profiles(), List.of(), registry(), true), clock);
        base = "http://127.0.0.1:" + server.start();
        return this;
    }

    String gatewayBase() {
        return "https://127.0.0.1:" + server.gatewayPort();
    }

    void stop() {
        server.close();
    }

    CloudConfig config(String demoPassword) {
        return new CloudConfig(
                "127.0.0.1",
                0,
                Set.of(),
                false,
                new BrokerAddress(broker.url(), "", ""),
                4,
                IDENTITIES,
                database.url(),
                "postgres",
                "",
                data,
                "gateway-1",
                Enrolment.CLOSED,
                null,
                null,
                demoPassword,
                Duration.ofMinutes(60),
                Duration.ofHours(24),
                8 << 20);
    }

    static ProfileCatalog profiles() throws Exception {
        return ProfileCatalog.builtIn();
    }

    /** A built-in profile with a threshold, which the tests' device has. */
    static Profile profile() throws Exception {
        return profiles().all().stream()
                .filter(p -> p.rules().stream()
                        .anyMatch(r -> r.condition() instanceof dev.tocsin.profiles.detect.Condition.Above))
                .findFirst()
                .orElseThrow();
    }

    static RegistryFile registry() throws Exception {
        Path file = Files.createTempFile("registry", ".yaml");
        Files.writeString(file, """
                areas:
                  - {id: district, name: {en: Lake City, zh: 湖城区}}
                  - {id: old-town, parent: district, name: {en: Old Town, zh: 老城街道}}
                gateways:
                  - {id: gateway-1, name: Town hall, area: old-town, enrolment: open,
                     place: {name: cellar, latitude: 30.5, longitude: 114.3}}
                  - {id: gateway-2, name: School, area: district, enrolment: closed}
                devices:
                  - {id: hall-3, gateway: gateway-1, profile: %s, name: Hall 3, area: old-town,
                     place: {name: 3rd floor, latitude: 30.51, longitude: 114.31}}
                """.formatted(profile().id()));
        try {
            return RegistryFile.read(file, profiles(), Enrolment.CLOSED);
        } finally {
            Files.delete(file);
        }
    }

    Browser browser() {
        return new Browser(base);
    }

    Browser duty() throws Exception {
        return browser().login("duty", PASSWORD);
    }

    Browser crew() throws Exception {
        return browser().login("crew", PASSWORD);
    }

    Browser admin() throws Exception {
        return browser().login("admin", PASSWORD);
    }

    private String get(String path) throws Exception {
        return browser().get(path).response().body();
    }

    Alert newAlert(String device) {
        return alert(UUID.randomUUID().toString(), clock.millis(), AlertState.ACTIVE, device);
    }

    Alert alert(String id, long revision, AlertState state, String device) {
        return alert(id, revision, state, "some-profile/hot", device);
    }

    Alert newAlert(String rule, String device) {
        return alert(UUID.randomUUID().toString(), clock.millis(), AlertState.ACTIVE, rule, device);
    }

    private Alert alert(String id, long revision, AlertState state, String rule, String device) {
        Instant now = Instant.ofEpochMilli(clock.millis());
        return new Alert(
                id,
                revision,
                state,
                rule,
                1,
                AlertKind.ALARM,
                Severity.CRITICAL,
                "gateway-1",
                device,
                new Place(new String[] {"district", AREA}, "3rd floor", 30.51, 114.31),
                "temperature",
                71,
                "Cel",
                now.minusSeconds(5),
                now,
                state == AlertState.CLEARED ? now : null,
                false,
                false,
                new Evidence(57.0, new Evidence.Point[0]));
    }

    /** The next publication of an alert, by which it is over. */
    Alert over(Alert alert) {
        return alert.over(alert.updated()).published(alert.revision() + 1, alert.late());
    }

    /** As if the whole of it, but for its publication, had happened a month before. */
    Alert longAgo(Alert alert) {
        Duration month = Duration.ofDays(30);
        return new Alert(
                alert.id(),
                alert.revision(),
                alert.state(),
                alert.rule(),
                alert.ruleVersion(),
                alert.kind(),
                alert.severity(),
                alert.gateway(),
                alert.device(),
                alert.place(),
                alert.metric(),
                alert.value(),
                alert.unit(),
                alert.onset().minus(month),
                alert.updated().minus(month),
                alert.cleared() == null ? null : alert.cleared().minus(month),
                alert.late(),
                alert.drill(),
                alert.evidence());
    }

    /** The same alert, worse or better, or no longer a drill. */
    Alert changed(Alert alert, Severity severity, boolean drill) {
        return alert.correlated(alert.kind(), severity, alert.correlation())
                .under(alert.id(), alert.onset(), alert.place(), drill)
                .published(alert.revision() + 1, alert.late());
    }

    /** As the alarm job does. */
    void publish(Alert alert) throws Exception {
        broker.publish(Topics.alert(List.of(alert.place().areas()), alert.id()), AlertJson.write(alert));
    }

    /** As the archive job does. */
    void archive(Alert alert) throws Exception {
        database.execute(
                "insert into sensing.alert values (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?::jsonb)"
                        + " on conflict (id) do update set revision = excluded.revision, state = excluded.state,"
                        + " cleared = excluded.cleared, body = excluded.body where excluded.revision > sensing.alert.revision",
                alert.id(),
                alert.revision(),
                alert.state().name(),
                alert.rule(),
                alert.kind().name(),
                alert.severity().name(),
                alert.gateway(),
                alert.device(),
                alert.place().area(),
                alert.onset().atOffset(ZoneOffset.UTC),
                alert.updated().atOffset(ZoneOffset.UTC),
                alert.cleared() == null ? null : alert.cleared().atOffset(ZoneOffset.UTC),
                alert.late(),
                alert.drill(),
                new String(AlertJson.write(alert), StandardCharsets.UTF_8));
    }

    @Override
    public void close() throws Exception {
        server.close();
        broker.close();
        try (Stream<Path> all = Files.walk(data)) {
            for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        }
    }
}
