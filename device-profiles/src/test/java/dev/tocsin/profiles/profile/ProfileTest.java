package dev.tocsin.profiles.profile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import com.networknt.schema.JsonSchema;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SpecVersion;
import dev.tocsin.profiles.alert.AlertKind;
import dev.tocsin.profiles.detect.Condition;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class ProfileTest {
    private static final Path FOLDER = Path.of("src/main/resources/profiles");

    private static final String SMALL = """
            id: small
            version: 2
            name: {en: Small, zh: 小}
            category: heat
            sources: {mqtt: ["a/{device}"]}
            codec: {type: senml}
            metrics:
              t: {unit: Cel, label: {en: T, zh: 温}, min: 0, max: 100}
            rules:
              - id: hot
                metric: t
                when: {above: 50}
                on-delay: 2m
                kind: pre-alarm
                severity: major
                name: {en: Hot, zh: 热}
            """;

    private static ProfileException refused(String yaml) {
        return catchThrowableOfType(ProfileException.class, () -> Profile.parse(yaml, "small.yaml"));
    }

    @Test
    void aProfileIsReadWithItsUnitsOfTime() throws ProfileException {
        Profile profile = Profile.parse(SMALL, "small.yaml");
        assertThat(profile.rules().get(0).id()).isEqualTo("small/hot");
        assertThat(profile.rules().get(0).version()).isEqualTo(2);
        assertThat(profile.rules().get(0).onDelayMs()).isEqualTo(120_000);
        assertThat(profile.rules().get(0).kind()).isEqualTo(AlertKind.PRE_ALARM);
        assertThat(profile.rules().get(0).condition()).isEqualTo(new Condition.Above(50, 50));
        assertThat(profile.silentAfterMs()).isZero();
    }

    @Test
    void everythingThatIsWrongIsNamedAtOnceWithFileAndPath() {
        ProfileException e = refused(SMALL.replace("unit: Cel", "unit: '%'")
                .replace("category: heat", "category: heat\ncolour: red")
                .replace("on-delay: 2m", "on-delay: soon")
                .replace("above: 50", "above: 50, below: 3")
                .replace("a/{device}", "a/{divice}"));
        assertThat(e).hasMessageStartingWith("small.yaml:");
        assertThat(e.errors())
                .anyMatch(error -> error.startsWith("/colour: is no key"))
                .anyMatch(error -> error.startsWith("/metrics/t/unit: '%' is no unit") && error.contains("/100"))
                .anyMatch(error -> error.startsWith("/rules/0/on-delay: is not a duration"))
                .anyMatch(error -> error.startsWith("/rules/0/when: needs one of"))
                .anyMatch(error -> error.startsWith("/sources/mqtt: level '{divice}'"))
                .hasSize(5);
    }

    /** Three bytes of an empty rule were a dozen errors each. */
    @Test
    void ofVeryMuchThatIsWrongTheFirstIsNamedAndTheRestNotLookedAt() {
        List<String> errors = refused("{rules: [" + "{},".repeat(200) + "{}]}").errors();
        assertThat(errors).hasSize(33).last().isEqualTo("/: more is wrong than these 32");
        assertThat(errors).anyMatch(error -> error.startsWith("/rules/0/")).noneMatch(error -> error.contains("/99/"));
    }

    @Test
    void aTextOfMoreLevelsThanAnyProfileHasIsRefused() {
        assertThat(refused(SMALL.replace("above: 50", "above: " + "[".repeat(40) + "]".repeat(40)))
                        .errors())
                .singleElement()
                .asString()
                .startsWith("/: not readable")
                .contains("depth");
    }

    @Test
    void rulesAndFieldsMustSpeakOfMetricsThatAreThere() {
        assertThat(refused(SMALL.replace("metric: t", "metric: x")).errors())
                .containsExactly("/rules/0/metric: 'x' is no metric of this profile");
        assertThat(refused(SMALL.replace("{type: senml}", "{type: json, fields: [{metric: y, path: z}]}"))
                        .errors())
                .containsExactly(
                        "/codec/fields/0/metric: 'y' is no metric of this profile",
                        "/codec/fields/0/path: 'z' is no JSON pointer such as /battery/percent");
        assertThat(refused("id: [").errors()).singleElement().asString().startsWith("/: not readable");
        assertThat(refused("just text").errors()).containsExactly("/: is not an object");
        assertThat(refused(SMALL + "id: twice\n").errors())
                .singleElement()
                .asString()
                .contains("Duplicate");
    }

    @Test
    void whatIsStuckMustHaveHadTheTimeToAlarmBefore() throws ProfileException {
        String stuck = SMALL.replace("max: 100}", "max: 100, stuck-after: 6h}");
        assertThat(Profile.parse(stuck, "small.yaml").metrics().get("t").stuckAfterMs())
                .isEqualTo(6 * 3_600_000L);

        assertThat(refused(stuck.replace("6h", "59m")).errors())
                .containsExactly("/metrics/t/stuck-after: must be 1h to 30d");
        assertThat(refused(stuck.replace("codec:", "report: {interval: 1h}\ncodec:"))
                        .errors())
                .containsExactly("/metrics/t/stuck-after: must be 10 report intervals or more");
        assertThat(refused(stuck.replace("on-delay: 2m", "on-delay: 6h")).errors())
                .containsExactly("/metrics/t/stuck-after: must be longer than the 21600 s that a steady value needs"
                        + " to raise small/hot");
        String exposure = "gates: [{value: 50, time: 8h}, {value: 60, time: 1h}], floor: 40";
        assertThat(refused(stuck.replace("above: 50", exposure)).errors())
                .singleElement()
                .asString()
                .startsWith("/metrics/t/stuck-after: must be longer");
    }

    @Test
    void everyBuiltInProfileIsListedFitsTheSchemaAndSurvivesItsJson() throws Exception {
        JsonSchema schema;
        try (InputStream in = Profile.class.getResourceAsStream("/profile.schema.json")) {
            schema = JsonSchemaFactory.getInstance(SpecVersion.VersionFlag.V202012)
                    .getSchema(in);
        }
        List<String> listed = Files.readAllLines(FOLDER.resolve("index"));
        try (Stream<Path> files = Files.list(FOLDER)) {
            assertThat(files.map(file -> file.getFileName().toString()).filter(name -> !name.equals("index")))
                    .containsExactlyInAnyOrderElementsOf(listed);
        }
        assertThat(listed).hasSizeGreaterThanOrEqualTo(12);
        for (String file : listed) {
            String yaml = Files.readString(FOLDER.resolve(file));
            JsonNode tree = new YAMLMapper().readTree(yaml);
            assertThat(schema.validate(tree)).as(file).isEmpty();
            Profile profile = Profile.parse(yaml, file);
            assertThat(file).isEqualTo(profile.id() + ".yaml");
            assertThat(schema.validate(new ObjectMapper().readTree(profile.toJson())))
                    .as(file)
                    .isEmpty();
            assertThat(Profile.parse(profile.toJson(), file)).isEqualTo(profile);
        }
    }

    /** One that is as long as the interval is over by whatever the next reading says. */
    @Test
    void everyDelayOfABuiltInProfileIsLongerThanItsReportInterval() {
        for (Profile profile : ProfileCatalog.builtIn().all()) {
            assertThat(profile.rules())
                    .filteredOn(rule -> rule.onDelayMs() > 0)
                    .filteredOn(rule -> !rule.condition().isAboutFaults())
                    .as(profile.id())
                    .allMatch(rule -> rule.onDelayMs() > profile.reportIntervalMs());
        }
    }

    @Test
    void whatIsOnlyUnusualMayBeSupervisedButNeverAlarm() throws ProfileException {
        String unusual = SMALL.replace("above: 50", "unusual: 0.7");
        assertThat(Profile.parse(unusual, "small.yaml").rules().get(0).condition())
                .isEqualTo(new Condition.Unusual(0.7));
        assertThat(refused(unusual.replace("kind: pre-alarm", "kind: alarm")).errors())
                .containsExactly("/rules/0: small/hot: what is only unusual is no alarm and not critical");
    }

    @Test
    void theSchemaRefusesWhatTheReaderRefuses() throws Exception {
        JsonSchema schema;
        try (InputStream in = Profile.class.getResourceAsStream("/profile.schema.json")) {
            schema = JsonSchemaFactory.getInstance(SpecVersion.VersionFlag.V202012)
                    .getSchema(in);
        }
        assertThat(schema.validate(new YAMLMapper().readTree(SMALL))).isEmpty();
        for (String wrong : List.of(
                SMALL.replace("version: 2", "version: 0"),
                SMALL.replace("category: heat", "category: fire"),
                SMALL.replace("on-delay: 2m", "on-delay: soon"),
                SMALL.replace("above: 50", "above: 50, below: 3"),
                SMALL.replace("above: 50", "unusual: 0.4"),
                SMALL.replace("above: 50", "unusual: 0.7").replace("kind: pre-alarm", "kind: alarm"),
                SMALL.replace("above: 50", "unusual: 0.7").replace("severity: major", "severity: critical"),
                SMALL + "colour: red\n")) {
            assertThat(schema.validate(new YAMLMapper().readTree(wrong))).isNotEmpty();
            assertThat(refused(wrong)).isNotNull();
        }
    }

    /** 30 days are ten digits of milliseconds. */
    @Test
    void whatLastsForWeeksIsReadAgainFromItsJson() throws ProfileException {
        String weeks = SMALL.replace("max: 100}", "max: 100, stuck-after: 30d}")
                .replace("above: 50", "drift: 5, over: 90d")
                .replace("on-delay: 2m", "on-delay: 1500ms");
        Profile profile = Profile.parse(weeks, "small.yaml");

        assertThat(profile.toJson()).contains("\"over\":\"90d\"", "\"stuck-after\":\"30d\"", "\"on-delay\":\"1500ms\"");
        assertThat(Profile.parse(profile.toJson(), "json")).isEqualTo(profile);
    }

    @Test
    void aCatalogTakesAnotherProfileWithoutChangingItself() throws ProfileException {
        ProfileCatalog catalog = ProfileCatalog.builtIn();
        ProfileCatalog more = catalog.with(Profile.parse(SMALL, "small.yaml"));
        assertThat(more.find("small")).isNotNull();
        assertThat(catalog.find("small")).isNull();
        assertThat(more.all()).hasSize(catalog.all().size() + 1);
    }

    @Test
    void patternsMatchByLevelsAndGiveTheirSubscription() {
        SourcePattern pattern = SourcePattern.of("shellies/shellyht-{device}/sensor/{field}");
        assertThat(pattern.filter()).isEqualTo("shellies/+/sensor/+");
        assertThat(pattern.match("shellies/shellyht-1/sensor/humidity"))
                .isEqualTo(new SourcePattern.Match("shellyht-1", "humidity"));
        assertThat(pattern.match("shellies/shellyht-/sensor/humidity")).isNull();
        assertThat(pattern.match("shellies/shellyht-1/sensor")).isNull();
        assertThat(SourcePattern.of("{device}/events/rpc").match("/events/rpc")).isNull();
        assertThatThrownBy(() -> SourcePattern.of("a/#")).hasMessageContaining("level '#'");
        assertThatThrownBy(() -> SourcePattern.of("{device}/{device}")).hasMessageContaining("twice");
        assertThat(SourcePattern.of("a" + "/a".repeat(31)).filter()).hasSize(63);
        assertThatThrownBy(() -> SourcePattern.of("a" + "/a".repeat(32))).hasMessageContaining("at most 32 levels");
        assertThatThrownBy(() -> new CoapQuestion("a" + "/a".repeat(31), false, 1_000))
                .hasMessageContaining("at most 32 levels");
    }

    @Test
    void unitsConvertWithinTheirQuantityOnly() {
        assertThat(Units.convert(300, "K", "Cel")).isCloseTo(26.85, within(1e-9));
        assertThat(Units.convert(0.0004, "/", "ppm")).isCloseTo(400, within(1e-9));
        assertThat(Units.convert(101325, "Pa", "hPa")).isCloseTo(1013.25, within(1e-9));
        assertThat(Units.convert(0, "dBm", "dBW")).isEqualTo(-30);
        assertThat(Units.convert(1, "Cel", "ppm")).isNaN();
        assertThat(Units.convert(1, "F", "Cel")).isNaN();
    }
}
