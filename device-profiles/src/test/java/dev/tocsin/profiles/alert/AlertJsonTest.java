package dev.tocsin.profiles.alert;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.networknt.schema.JsonSchema;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SpecVersion;
import dev.tocsin.profiles.profile.LocalText;
import dev.tocsin.profiles.reading.Quality;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

class AlertJsonTest {
    private static final Instant ONSET = Instant.parse("2026-03-02T08:15:31.250Z");

    private static final Correlation CORRELATION = new Correlation(
            new Correlation.Confirmation(
                    "fire-confirmed",
                    1,
                    new LocalText("Fire confirmed", "火警确认"),
                    ONSET,
                    List.of(new Correlation.Witness("a-2", "heat/fixed", "d-2", "厅", ONSET))),
            new Correlation.Spread("fire-spreads", "a-1", "厅", 3, 2, 1),
            new Correlation.Group("flood", "a-1", 11),
            new Correlation.Chatter(3, ONSET),
            7);

    private static Alert alert(boolean cleared, Evidence evidence, Double latitude) {
        return new Alert(
                Alert.idOf("heat/fixed", "d", ONSET.toEpochMilli()),
                ONSET.toEpochMilli(),
                cleared ? AlertState.CLEARED : AlertState.ACTIVE,
                "heat/fixed",
                1,
                AlertKind.PRE_ALARM,
                Severity.CRITICAL,
                "gw",
                "d",
                new Place(new String[] {"district", "town"}, "厅", latitude, latitude),
                "temperature",
                57,
                "Cel",
                ONSET,
                ONSET,
                cleared ? ONSET : null,
                false,
                true,
                evidence);
    }

    private static JsonSchema schema() throws Exception {
        try (InputStream in = Alert.class.getResourceAsStream("/alert.schema.json")) {
            return JsonSchemaFactory.getInstance(SpecVersion.VersionFlag.V202012)
                    .getSchema(in);
        }
    }

    @Test
    void whatIsWrittenFitsThePublishedSchemaAndIsReadAgain() throws Exception {
        Evidence proof = new Evidence(57.0, new Evidence.Point[] {new Evidence.Point(ONSET, 57, Quality.CLOCK)});
        Alert alone = alert(true, Evidence.NONE, null);
        Alert[] alerts = {
            alert(false, proof, 31.2),
            alone,
            alone.correlated(AlertKind.ALARM, Severity.CRITICAL, CORRELATION),
            alone.correlated(AlertKind.ALARM, Severity.CRITICAL, Correlation.NONE)
        };
        for (Alert alert : alerts) {
            byte[] json = AlertJson.write(alert);
            assertThat(schema().validate(new ObjectMapper().readTree(json))).isEmpty();
            assertThat(AlertJson.write(AlertJson.read(json))).isEqualTo(json);
        }
        assertThat(AlertJson.read(AlertJson.write(alerts[2])).correlation()).isEqualTo(CORRELATION);
        assertThat(new String(AlertJson.write(alert(false, proof, null)), StandardCharsets.UTF_8))
                .contains("\"onset\":\"2026-03-02T08:15:31.250Z\"")
                .doesNotContain("null", "cleared", "correlation");
    }

    @Test
    void theSchemaRefusesAnAlertThatLacksAFieldOrContradictsItself() throws Exception {
        JsonNode good = new ObjectMapper().readTree(AlertJson.write(alert(false, Evidence.NONE, null)));
        for (String field : new String[] {"id", "revision", "state", "place", "onset", "evidence", "drill"}) {
            ObjectNode lacking = good.deepCopy();
            lacking.remove(field);
            assertThat(schema().validate(lacking)).as(field).isNotEmpty();
        }
        ObjectNode cleared = good.deepCopy();
        cleared.put("state", "CLEARED");
        assertThat(schema().validate(cleared)).isNotEmpty();
        assertThatThrownBy(() -> AlertJson.read(cleared.toString().getBytes(StandardCharsets.UTF_8)))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void whatCouldNotBePublishedOrStoredIsNoAlert() {
        String good = new String(
                AlertJson.write(alert(
                                true,
                                new Evidence(57.0, new Evidence.Point[] {new Evidence.Point(ONSET, 57, Quality.GOOD)}),
                                31.2)
                        .correlated(AlertKind.ALARM, Severity.CRITICAL, CORRELATION)),
                StandardCharsets.UTF_8);
        String[][] changes = {
            {"\"id\":\"[^\"]*\"", "\"id\":\"a/#\""},
            {"\"id\":\"[^\"]*\"", "\"id\":\"+\""},
            {"\"revision\":\\d+", "\"revision\":9223372036854775807"},
            {"\"revision\":\\d+", "\"revision\":-1"},
            {"\"onset\":\"2026", "\"onset\":\"+300000000"},
            {"\"updated\":\"2026", "\"updated\":\"+10000"},
            {"\"cleared\":\"2026", "\"cleared\":\"-0001"},
            {"\"at\":\"2026", "\"at\":\"+10000"},
            {"\"areas\":\\[[^]]*\\]", "\"areas\":[null]"},
            {"\"areas\":\\[[^]]*\\]", "\"areas\":[]"},
            {"\"areas\":\\[[^]]*\\]", "\"areas\":[\"\"]"},
            {"\"areas\":\\[[^]]*\\]", "\"areas\":[" + "\"a\",".repeat(16) + "\"a\"]"},
            {"\"latitude\":[0-9.]+", "\"latitude\":\"NaN\""},
            {"\"limit\":[0-9.]+", "\"limit\":\"Infinity\""},
            {"\"device\":\"d\"", "\"device\":\"" + "d".repeat(257) + "\""},
            {"\"readings\":\\[[^]]*\\]", "\"readings\":[null]"},
            {"\"readings\":\\[[^]]*\\]", "\"readings\":null"},
            {"\"by\":\\[[^]]*\\]", "\"by\":null"},
            {"\"by\":\\[[^]]*\\]", "\"by\":[null]"},
            {"\"by\":\\[([^]]*)\\]", "\"by\":[" + "{},".repeat(16) + "{}]"},
            {"\"rule\":\"flood\"", "\"rule\":\"" + "f".repeat(257) + "\""},
            {"\"origin\":\"a-1\",\"place\"", "\"place\""},
            {"\"since\":\"2026", "\"since\":\"+300000000"},
        };
        for (String[] change : changes) {
            String bad = good.replaceFirst(change[0], java.util.regex.Matcher.quoteReplacement(change[1]));
            assertThat(bad).isNotEqualTo(good);
            assertThatThrownBy(() -> AlertJson.read(bad.getBytes(StandardCharsets.UTF_8)))
                    .as(change[1])
                    .isInstanceOf(IllegalArgumentException.class);
        }
    }

    @Test
    void anIdIsTheSameForTheSameMatterAndRevisionsOnlyGrow() {
        assertThat(Alert.idOf("r", "d", 5)).isEqualTo(Alert.idOf("r", "d", 5)).isNotEqualTo(Alert.idOf("r", "d", 6));
        assertThat(Alert.nextRevision(10, 5)).isEqualTo(11);
        assertThat(Alert.nextRevision(10, 50)).isEqualTo(50);
    }
}
