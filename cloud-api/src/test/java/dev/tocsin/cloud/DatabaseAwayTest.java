package dev.tocsin.cloud;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.tocsin.profiles.alert.Alert;
import dev.tocsin.profiles.alert.AlertState;
import dev.tocsin.profiles.alert.Correlation;
import java.nio.file.Files;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class DatabaseAwayTest {

    @Test
    void withTheDatabaseAwayAlertsStillArriveAndWhatNeedsItSaysSo() throws Exception {
        try (RunningApi api = new RunningApi()) {
            Browser duty = api.duty();
            Browser.Live live = duty.live("");
            api.database.cutOff();
            await().atMost(Duration.ofSeconds(20))
                    .until(() -> duty.get("/api/v1/rejected").status() == 503);

            Alert alert = api.newAlert("hall-3");
            api.publish(alert);

            await().until(() -> live.alert(alert.id()).isObject());
            assertThat(duty.get("/api/v1/alerts").body().toString()).contains(alert.id());
            assertThat(duty.get("/api/v1/alerts/" + alert.id())
                            .body()
                            .get("historyKnown")
                            .asBoolean())
                    .isFalse();
            assertThat(duty.get("/api/v1/devices/hall-3")
                            .body()
                            .get("lastValuesKnown")
                            .asBoolean())
                    .isFalse();
            Browser.Answer refused = duty.post(
                    "/api/v1/alerts/" + alert.id() + "/acknowledge", "{\"revision\":" + alert.revision() + "}");
            assertThat(refused.status()).isEqualTo(503);
            assertThat(refused.code()).isEqualTo("database_unavailable");
            assertThat(refused.body().get("error").get("messageZh").asText()).contains("数据库");
            assertThat(duty.get("/api/v1/alerts?state=all").code()).isEqualTo("database_unavailable");
            assertThat(api.browser().tryLogin("duty", RunningApi.PASSWORD).status())
                    .isEqualTo(503);

            api.database.bringBack();

            await().atMost(Duration.ofSeconds(20))
                    .until(() -> duty.get("/api/v1/rejected").status() == 200);
            assertThat(duty.post(
                                    "/api/v1/alerts/" + alert.id() + "/acknowledge",
                                    "{\"revision\":" + alert.revision() + "}")
                            .status())
                    .isEqualTo(200);
        }
    }

    @Test
    void whatTheStoreNeverGotIsShownAgainAfterARestart() throws Exception {
        RunningApi api = new RunningApi();
        Browser duty = api.duty();
        Browser.Live live = duty.live("");
        Alert open = api.newAlert("hall-3");
        Alert settled = api.newAlert("hall-3");
        Alert cleared = api.over(settled);
        for (Alert alert : new Alert[] {open, settled, cleared}) {
            api.publish(alert);
            await().until(() -> live.alert(alert.id()).path("revision").asLong() == alert.revision());
        }
        for (Alert alert : new Alert[] {open, cleared}) {
            duty.post("/api/v1/alerts/" + alert.id() + "/acknowledge", "{\"revision\":" + alert.revision() + "}");
        }
        api.stop();
        // What a killed process leaves behind.
        Files.writeString(api.data.resolve("alerts.journal"), "{\"alert\":{\"id\":\"to", StandardOpenOption.APPEND);

        try (RunningApi again = new RunningApi(api.broker, api.database, api.data).start()) {
            Browser known = new Browser(again.base);
            known.cookie = duty.cookie;
            await().atMost(Duration.ofSeconds(20))
                    .until(() -> known.get("/api/v1/me").status() == 200);
            Browser.Live shown = known.live("");
            await().until(() -> shown.alert(open.id()).isObject());
            assertThat(shown.alert(open.id()).at("/acknowledged/by").asText()).isEqualTo("duty");
            await().until(() ->
                    shown.alert(open.id()).get("deviceName").asText().equals("Hall 3"));
            assertThat(shown.alert(settled.id()).isNull()).isTrue();
        }
    }

    @Test
    void startedWithoutADatabaseItServesLiveAlertsAndTakesUpTheRestLater() throws Exception {
        RunningApi api = new RunningApi();
        Browser duty = api.duty();
        Alert before = api.newAlert("hall-3");
        api.archive(before);
        Alert settled = api.alert("settled", api.clock.millis(), AlertState.CLEARED, "hall-3");
        api.archive(settled);
        // Of a backlog: long ago by its own time, cleared and stored just now.
        Alert replayed = api.longAgo(api.alert("replayed", api.clock.millis(), AlertState.CLEARED, "hall-3"));
        api.archive(replayed);
        assertThat(duty.post("/api/v1/alerts/settled/acknowledge", "{\"revision\":" + settled.revision() + "}")
                        .status())
                .isEqualTo(200);
        Alert alone = api.alert("confirmed-later", api.clock.millis(), AlertState.CLEARED, "hall-3");
        api.archive(alone);
        assertThat(duty.post("/api/v1/alerts/confirmed-later/acknowledge", "{\"revision\":" + alone.revision() + "}")
                        .status())
                .isEqualTo(200);
        api.archive(alone.published(alone.revision() + 1, false)
                .correlated(alone.kind(), alone.severity(), Correlation.NONE.urgentSince(alone.revision() + 1)));
        api.stop();
        Alert during = api.newAlert("hall-3");
        api.publish(during);
        api.database.cutOff();

        try (RunningApi again = new RunningApi(api.broker, api.database).start()) {
            assertThat(again.browser().get("/health").status()).isEqualTo(200);
            assertThat(new Browser(again.base).get("/api/v1/me").status()).isEqualTo(401);
            Browser known = new Browser(again.base);
            known.cookie = duty.cookie;
            known.csrf = duty.csrf;
            assertThat(known.get("/api/v1/me").status()).isEqualTo(503);

            api.database.bringBack();

            await().atMost(Duration.ofSeconds(20))
                    .until(() -> known.get("/api/v1/me").status() == 200);
            Browser.Live live = known.live("");
            await().until(() -> live.alert(before.id()).isObject()
                    && live.alert(during.id()).isObject());
            assertThat(live.alert("settled").isNull()).isTrue();
            assertThat(live.alert("replayed").isObject()).isTrue();
            assertThat(live.alert("confirmed-later").isObject()).isTrue();
        }
    }
}
