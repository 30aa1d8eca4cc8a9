package dev.tocsin.cloud;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.tocsin.profiles.alert.Alert;
import dev.tocsin.profiles.alert.Severity;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class LiveTest {
    private static RunningApi api;

    @BeforeAll
    static void start() throws Exception {
        api = new RunningApi();
    }

    @AfterAll
    static void stop() throws Exception {
        api.close();
    }

    @Test
    void anAlertReachesEveryClientWithNamesForItsIdsAndIsInTheNextSnapshot() throws Exception {
        Browser.Live first = api.duty().live("");
        Browser.Live second = api.crew().live("");
        await().until(() ->
                !first.of("snapshot").isEmpty() && !second.of("snapshot").isEmpty());
        Alert alert = api.newAlert("hall-3");

        api.publish(alert);

        await().until(() ->
                first.alert(alert.id()).isObject() && second.alert(alert.id()).isObject());
        JsonNode view = first.alert(alert.id());
        assertThat(view.get("deviceName").asText()).isEqualTo("Hall 3");
        assertThat(view.get("areaNames").get(1).get("zh").asText()).isEqualTo("老城街道");
        assertThat(view.get("acknowledged").isNull()).isTrue();
        assertThat(view.get("revision").asLong()).isEqualTo(alert.revision());
        Browser.Live third = api.duty().live("");
        await().until(() -> third.alert(alert.id()).isObject());
        assertThat(third.frames.get(0).get("type").asText()).isEqualTo("snapshot");
        await().until(() ->
                third.of("devices").stream().anyMatch(f -> f.toString().contains("hall-3")));
    }

    @Test
    void aLowerRevisionChangesNothingAndAClearedAcknowledgedAlertLeavesTheSnapshot() throws Exception {
        Browser duty = api.duty();
        Browser.Live live = duty.live("");
        Alert raised = api.newAlert("hall-3");
        Alert cleared = api.over(raised);
        api.publish(cleared);
        await().until(() -> live.alert(raised.id()).isObject());
        api.publish(raised);
        Alert marker = api.newAlert("hall-3");
        api.publish(marker);
        await().until(() -> live.alert(marker.id()).isObject());
        assertThat(live.alert(raised.id()).get("state").asText()).isEqualTo("CLEARED");

        assertThat(duty.post(
                                "/api/v1/alerts/" + raised.id() + "/acknowledge",
                                "{\"revision\":" + cleared.revision() + "}")
                        .status())
                .isEqualTo(200);

        await().until(() -> live.alert(raised.id()).get("acknowledged").isObject());
        Browser.Live later = duty.live("");
        await().until(() -> !later.of("snapshot").isEmpty());
        assertThat(later.alert(raised.id()).isNull()).isTrue();
    }

    @Test
    void whoComesBackGetsWhatChangedMeanwhileAndASnapshotWhereThatIsNotKnown() throws Exception {
        Browser duty = api.duty();
        Browser.Live live = duty.live("");
        await().until(() -> !live.of("snapshot").isEmpty());
        long seq = live.seq();
        live.socket.abort();
        Alert missed = api.newAlert("hall-3");
        api.publish(missed);
        Browser.Live witness = duty.live("");
        await().until(() -> witness.alert(missed.id()).isObject());

        Browser.Live back = duty.live("?seq=" + seq);
        Browser.Live stranger = duty.live("?seq=1");

        await().until(() -> !back.frames.isEmpty() && !stranger.frames.isEmpty());
        assertThat(back.frames.get(0).get("type").asText()).isEqualTo("changes");
        assertThat(back.alert(missed.id()).isObject()).isTrue();
        assertThat(stranger.frames.get(0).get("type").asText()).isEqualTo("snapshot");
        witness.socket.sendText("{\"type\":\"resume\",\"seq\":" + seq + "}", true);
        await().until(() ->
                witness.of("changes").stream().anyMatch(f -> f.toString().contains(missed.id())));
        witness.socket.sendText("nonsense", true);
        await().until(() -> witness.closeCode == 4400);
    }

    @Test
    void whoComesBackHearsOfDevicesThatBecameNormalMeanwhile() throws Exception {
        Browser duty = api.duty();
        Alert alert = api.newAlert("hall-8");
        api.publish(alert);
        Browser.Live live = duty.live("");
        await().until(() -> live.alert(alert.id()).isObject());
        long seq = live.seq();
        live.socket.abort();
        Browser.Live witness = duty.live("");
        api.publish(api.over(alert));
        await().until(() -> witness.alert(alert.id()).path("state").asText().equals("CLEARED"));

        Browser.Live back = duty.live("?seq=" + seq);

        await().until(() -> back.of("devices").stream()
                .anyMatch(frame -> frame.toString().contains("{\"device\":\"hall-8\",\"state\":\"normal\"")));
    }

    @Test
    void theSnapshotBeginsWithWhatNeedsSomebodyMost() throws Exception {
        Browser duty = api.duty();
        Alert critical = api.newAlert("hall-3");
        Alert minor = api.changed(api.newAlert("hall-3"), Severity.MINOR, false);
        Alert settled = api.newAlert("hall-3");
        Browser.Live live = duty.live("");
        for (Alert alert : new Alert[] {critical, minor, settled}) {
            api.publish(alert);
            await().until(() -> live.alert(alert.id()).isObject());
        }
        duty.post("/api/v1/alerts/" + settled.id() + "/acknowledge", "{\"revision\":" + settled.revision() + "}");
        await().until(() -> live.alert(settled.id()).get("acknowledged").isObject());

        Browser.Live later = duty.live("");

        await().until(() -> !later.of("snapshot").isEmpty());
        assertThat(later.of("snapshot").get(0).get("alerts").findValuesAsText("id"))
                .containsSubsequence(critical.id(), minor.id(), settled.id());
    }

    @Test
    void aBeatComesWithTheRiver() throws Exception {
        Browser.Live live = api.duty().live("");

        await().atMost(Duration.ofSeconds(10)).until(() -> !live.of("beat").isEmpty());

        JsonNode river = live.of("beat").get(0).get("river");
        assertThat(river.get("parts")).hasSize(6);
    }

    @Test
    void aStrangersOriginAndAStrangerAreRefused() throws Exception {
        Browser duty = api.duty();

        assertThatThrownBy(() -> duty.live("", "http://evil.example"))
                .hasMessageContaining("WebSocketHandshakeException");
        assertThatThrownBy(() -> api.browser().live("")).hasMessageContaining("WebSocketHandshakeException");
        assertThat(duty.get("/api/v1/live").status()).isEqualTo(426);
    }

    @Test
    void theLiveConnectionEndsWithItsSession() throws Exception {
        Browser duty = api.duty();
        Browser.Live live = duty.live("");
        await().until(() -> !live.of("snapshot").isEmpty());

        duty.post("/api/v1/logout", null);

        await().until(() -> live.closeCode == 4401);
    }

    @Test
    void anUnreadableAlertIsPassedOverAndTheNextOneArrives() throws Exception {
        Browser.Live live = api.duty().live("");
        api.broker.publish(
                "tocsin/v1/alerts/district/x", "not an alert".getBytes(java.nio.charset.StandardCharsets.UTF_8));
        Alert alert = api.newAlert("hall-3");
        api.publish(alert);

        await().until(() -> live.alert(alert.id()).isObject());
    }
}
