package dev.tocsin.cloud;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.tocsin.profiles.alert.Alert;
import dev.tocsin.profiles.alert.AlertState;
import dev.tocsin.profiles.alert.Correlation;
import dev.tocsin.profiles.alert.Severity;
import dev.tocsin.profiles.profile.LocalText;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class AcknowledgeTest {
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
    void anAcknowledgementIsSeenByEveryClientAndIsInTheHistory() throws Exception {
        Browser duty = api.duty();
        Browser.Live other = api.admin().live("");
        Alert alert = published();

        Browser.Answer answer = acknowledge(duty, alert.id(), alert.revision());

        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.body().get("acknowledged").get("by").asText()).isEqualTo("duty");
        await().until(() -> other.alert(alert.id()).path("acknowledged").isObject());
        assertThat(duty.get("/api/v1/alerts/" + alert.id()).body().get("history"))
                .hasSize(1);
        assertThat(acknowledge(duty, alert.id(), alert.revision()).status()).isEqualTo(200);
        assertThat(api.database.column("select count(*) from ops.acknowledgement where alert = '" + alert.id() + "'"))
                .containsExactly("1");
    }

    @Test
    void ofTwoOfficersAtOnceExactlyOneIsFirst() throws Exception {
        Browser one = api.duty();
        Browser two = api.admin();
        for (int round = 0; round < 10; round++) {
            Alert alert = published();
            CompletableFuture<Browser.Answer> first = later(one, alert);
            CompletableFuture<Browser.Answer> second = later(two, alert);

            assertThat(List.of(first.get().status(), second.get().status())).containsExactlyInAnyOrder(200, 409);
            Browser.Answer loser = first.get().status() == 409 ? first.get() : second.get();
            assertThat(loser.code()).isEqualTo("already_acknowledged");
            assertThat(loser.body().get("alert").get("acknowledged").isObject()).isTrue();
        }
    }

    @Test
    void whatChangedSinceTheOfficerSawItIsNotAcknowledged() throws Exception {
        Browser duty = api.duty();
        Alert seen = published();
        Alert now = api.over(seen);
        api.publish(now);
        await().until(() -> duty.get("/api/v1/alerts/" + seen.id())
                        .body()
                        .at("/alert/revision")
                        .asLong()
                == now.revision());

        Browser.Answer refused = acknowledge(duty, seen.id(), seen.revision());

        assertThat(refused.status()).isEqualTo(409);
        assertThat(refused.code()).isEqualTo("alert_changed");
        assertThat(refused.body().at("/alert/state").asText()).isEqualTo("CLEARED");
        assertThat(acknowledge(duty, seen.id(), now.revision()).status()).isEqualTo(200);
    }

    @Test
    void whatGetsWorseIsUnacknowledgedAgainAndCanBeAcknowledgedAnew() throws Exception {
        Browser duty = api.duty();
        Browser.Live live = duty.live("");
        Alert drill = api.changed(api.newAlert("hall-3"), Severity.MAJOR, true);
        changesTo(live, drill);
        acknowledge(duty, drill.id(), drill.revision());
        await().until(() -> live.alert(drill.id()).path("acknowledged").isObject());

        Alert milder = api.changed(drill, Severity.MINOR, true);
        changesTo(live, milder);
        assertThat(live.alert(drill.id()).get("acknowledged").isObject()).isTrue();
        Alert real = api.changed(milder, Severity.MAJOR, false);
        changesTo(live, real);
        assertThat(live.alert(drill.id()).get("acknowledged").isNull()).isTrue();
        assertThat(acknowledge(duty, drill.id(), real.revision()).status()).isEqualTo(200);
        Alert worse = api.changed(real, Severity.CRITICAL, false);
        changesTo(live, worse);
        assertThat(live.alert(drill.id()).get("acknowledged").isNull()).isTrue();
        assertThat(duty.post("/api/v1/alerts/" + drill.id() + "/acknowledge/undo", null)
                        .code())
                .isEqualTo("not_acknowledged");

        assertThat(acknowledge(duty, drill.id(), worse.revision())
                        .body()
                        .at("/acknowledged/revision")
                        .asLong())
                .isEqualTo(worse.revision());
    }

    private static void changesTo(Browser.Live live, Alert alert) throws Exception {
        api.publish(alert);
        await().until(() -> live.alert(alert.id()).path("revision").asLong() == alert.revision());
    }

    @Test
    void theSameOfficerTakesItBackWithinTenSecondsAndNobodyLater() throws Exception {
        Browser duty = api.duty();
        Browser.Live live = duty.live("");
        Alert alert = published();
        String undo = "/api/v1/alerts/" + alert.id() + "/acknowledge/undo";
        assertThat(duty.post(undo, null).code()).isEqualTo("not_acknowledged");
        acknowledge(duty, alert.id(), alert.revision());
        assertThat(api.admin().post(undo, null).code()).isEqualTo("not_yours");
        await().until(() -> live.alert(alert.id()).path("acknowledged").isObject());

        assertThat(duty.post(undo, null).status()).isEqualTo(200);

        await().until(() -> live.alert(alert.id()).get("acknowledged").isNull());
        acknowledge(duty, alert.id(), alert.revision());
        api.clock.forward(Duration.ofSeconds(11));
        assertThat(duty.post(undo, null).code()).isEqualTo("undo_too_late");
        assertThat(api.database.column(
                        "select action from ops.acknowledgement where alert = '" + alert.id() + "' order by id"))
                .containsExactly("acknowledge", "undo", "acknowledge");
    }

    @Test
    void anAlertThatOnlyTheArchiveStillHasIsAcknowledgedToo() throws Exception {
        Alert old = api.alert("from-the-archive", 7, AlertState.CLEARED, "hall-3");
        api.archive(old);

        assertThat(acknowledge(api.duty(), old.id(), 7).status()).isEqualTo(200);
        assertThat(acknowledge(api.duty(), "nothing", 7).code()).isEqualTo("not_found");
    }

    @Test
    void acknowledgementsAndAuditCanOnlyBeAppendedTo() throws Exception {
        acknowledge(api.duty(), published().id(), 0);

        assertThatThrownBy(() -> api.database.execute("update ops.acknowledgement set user_name = 'x'"))
                .hasMessageContaining("only ever appended");
        assertThatThrownBy(() -> api.database.execute("delete from ops.audit"))
                .hasMessageContaining("only ever appended");
        assertThatThrownBy(() -> api.database.execute("truncate ops.audit")).hasMessageContaining("only ever appended");
    }

    @Test
    void listsAreFilteredAndPagedFromTheArchive() throws Exception {
        Browser duty = api.duty();
        for (int i = 0; i < 5; i++) {
            api.archive(api.alert("page-" + i, 10, AlertState.CLEARED, "paged"));
        }

        Browser.Answer first =
                duty.get("/api/v1/alerts?state=all&device=paged&limit=3&kind=ALARM,TROUBLE&area=district");
        Browser.Answer second = duty.get("/api/v1/alerts?state=all&device=paged&limit=3&before="
                + first.body().get("next").asText());

        assertThat(first.body().get("alerts")).hasSize(3);
        assertThat(second.body().get("alerts")).hasSize(2);
        assertThat(second.body().has("next")).isFalse();
        assertThat(duty.get("/api/v1/alerts?state=all&device=paged&kind=TROUBLE")
                        .body()
                        .get("alerts"))
                .isEmpty();
        assertThat(duty.get("/api/v1/alerts?state=all&before=nonsense").where()).isEqualTo("before");
    }

    @Test
    void whatOtherAlertsMakeUrgentIsUnacknowledgedAgainAndSaysWhatTheySaid() throws Exception {
        Browser duty = api.duty();
        Alert alert = published();
        acknowledge(duty, alert.id(), alert.revision());
        Instant at = alert.onset();
        Correlation grouped = Correlation.NONE.grouped(new Correlation.Group("flood", alert.id(), 11));
        Alert later = alert.published(alert.revision() + 1, false).correlated(alert.kind(), alert.severity(), grouped);
        api.publish(later);
        await().until(() -> shown(duty, alert).has("correlation"));
        assertThat(shown(duty, alert).path("acknowledged").isObject()).isTrue();

        Correlation confirmed = grouped.confirmed(new Correlation.Confirmation(
                        "fire-confirmed",
                        1,
                        new LocalText("Fire confirmed", "火警确认"),
                        at,
                        List.of(new Correlation.Witness("other", "p/smoke", "hall-4", "Hall", at))))
                .urgentSince(later.revision() + 1);
        api.publish(alert.published(later.revision() + 1, false).correlated(alert.kind(), alert.severity(), confirmed));

        await().until(() -> shown(duty, alert).path("acknowledged").isNull());
        assertThat(shown(duty, alert).at("/correlation/confirmed/by/0/device").asText())
                .isEqualTo("hall-4");
        assertThat(acknowledge(duty, alert.id(), later.revision() + 1).status()).isEqualTo(200);
        assertThat(shown(duty, alert).path("acknowledged").isObject()).isTrue();
    }

    private static JsonNode shown(Browser browser, Alert alert) throws Exception {
        return browser.get("/api/v1/alerts/" + alert.id()).body().get("alert");
    }

    private static Alert published() throws Exception {
        Alert alert = api.newAlert("hall-3");
        api.publish(alert);
        Browser duty = api.duty();
        await().until(() -> duty.get("/api/v1/alerts/" + alert.id()).status() == 200);
        return alert;
    }

    private static Browser.Answer acknowledge(Browser browser, String id, long revision) throws Exception {
        return browser.post("/api/v1/alerts/" + id + "/acknowledge", "{\"revision\":" + revision + "}");
    }

    private static CompletableFuture<Browser.Answer> later(Browser browser, Alert alert) {
        return CompletableFuture.supplyAsync(() -> {
            try {
                return acknowledge(browser, alert.id(), alert.revision());
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
        });
    }
}
