package dev.tocsin.cloud;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.DriverManager;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class LoginTest {

    @Test
    void aSessionNeedsItsCookieAndForChangesItsToken() throws Exception {
        try (RunningApi api = new RunningApi()) {
            assertThat(api.browser().get("/api/v1/me").code()).isEqualTo("login_required");
            Browser duty = api.duty();
            assertThat(duty.get("/api/v1/me").body().at("/user/role").asText()).isEqualTo("DUTY_OFFICER");

            assertThat(Instant.parse(duty.get("/api/v1/me").body().get("endsAt").asText()))
                    .isBetween(
                            api.clock.instant().plus(Duration.ofHours(23)),
                            api.clock.instant().plus(Duration.ofHours(24)));
            String csrf = duty.csrf;
            duty.csrf = null;
            assertThat(duty.post("/api/v1/logout", null).code()).isEqualTo("csrf");
            duty.csrf = "wrong";
            assertThat(duty.post("/api/v1/logout", null).code()).isEqualTo("csrf");
            duty.csrf = csrf;
            assertThat(duty.send("POST", "/api/v1/logout", null, "Origin", "http://evil.example")
                            .code())
                    .isEqualTo("origin");
            assertThat(duty.post("/api/v1/logout", null).status()).isEqualTo(204);
            assertThat(duty.get("/api/v1/me").status()).isEqualTo(401);
            assertThat(api.database.column("select password from ops.app_user"))
                    .allMatch(hash -> hash.startsWith("$argon2id$v=19$m=19456,t=2,p=1$"));
        }
    }

    @Test
    void theCookieIsHiddenFromScriptsAndFromOtherSites() throws Exception {
        try (RunningApi api = new RunningApi()) {
            String cookie = api.browser()
                    .tryLogin("duty", RunningApi.PASSWORD)
                    .response()
                    .headers()
                    .firstValue("set-cookie")
                    .orElseThrow();

            assertThat(cookie)
                    .containsIgnoringCase("HttpOnly")
                    .contains("SameSite=Strict")
                    .contains("Path=/");
        }
    }

    @Test
    void guessingIsSlowedDownAndWrittenToTheAuditAndOthersAreStillServed() throws Exception {
        try (RunningApi api = new RunningApi()) {
            Browser guesser = api.browser();
            for (int i = 0; i < 5; i++) {
                assertThat(guesser.tryLogin("duty", "guess " + i).code()).isEqualTo("wrong_credentials");
            }

            Browser.Answer refused = guesser.tryLogin("duty", RunningApi.PASSWORD);

            assertThat(refused.status()).isEqualTo(429);
            assertThat(refused.code()).isEqualTo("too_many_attempts");
            assertThat(refused.response().headers().firstValue("retry-after")).isPresent();
            guesser.tryLogin("duty", "again");
            assertThat(api.browser().tryLogin("crew", RunningApi.PASSWORD).status())
                    .isEqualTo(200);
            assertThat(api.database.column("select count(*) from ops.audit where action = 'login_failed'"))
                    .containsExactly("5");
            assertThat(api.database.column("select count(*) from ops.audit where action = 'login_throttled'"))
                    .containsExactly("1");
            api.clock.forward(Duration.ofSeconds(61));
            assertThat(guesser.tryLogin("duty", RunningApi.PASSWORD).status()).isEqualTo(200);
        }
    }

    @Test
    void aSessionEndsWhenItIdlesAndOutlivesARestart() throws Exception {
        RunningApi api = new RunningApi();
        Browser duty = api.duty();
        api.stop();
        try (RunningApi again = new RunningApi(api.broker, api.database).start()) {
            Browser known = new Browser(again.base);
            known.cookie = duty.cookie;
            await().atMost(Duration.ofSeconds(20))
                    .until(() -> known.get("/api/v1/me").status() == 200);

            again.clock.forward(Duration.ofMinutes(61));

            assertThat(known.get("/api/v1/me").status()).isEqualTo(401);
        }
    }

    @Test
    void guessesMadeSideBySideAreCountedBeforeTheyAreLookedAt() throws Exception {
        try (RunningApi api = new RunningApi()) {
            List<CompletableFuture<Browser.Answer>> guesses = new ArrayList<>();
            for (int i = 0; i < 16; i++) {
                String guess = "guess " + i;
                guesses.add(later(() -> api.browser().tryLogin("duty", guess)));
            }

            List<String> codes = new ArrayList<>();
            for (CompletableFuture<Browser.Answer> guess : guesses) {
                codes.add(guess.get().code());
            }

            assertThat(codes.stream().filter("wrong_credentials"::equals)).hasSize(5);
            assertThat(codes.stream().filter("too_many_attempts"::equals)).hasSize(11);
        }
    }

    @Test
    void aLoginThatOverlapsAChangeOfTheUserGetsTheUserAsItIsAfterwards() throws Exception {
        try (RunningApi api = new RunningApi()) {
            Browser.Answer moved = during(
                    api,
                    "update ops.app_user set role = 'CREW' where name = 'duty'",
                    () -> api.browser().tryLogin("duty", RunningApi.PASSWORD));
            assertThat(moved.body().at("/user/role").asText()).isEqualTo("CREW");

            Browser.Answer gone = during(
                    api,
                    "update ops.app_user set active = false where name = 'duty'",
                    () -> api.browser().tryLogin("duty", RunningApi.PASSWORD));
            assertThat(gone.code()).isEqualTo("wrong_credentials");
        }
    }

    @Test
    void changingThePasswordChangesNothingElse() throws Exception {
        try (RunningApi api = new RunningApi()) {
            Browser duty = api.duty();
            String change = "{\"oldPassword\":\"" + RunningApi.PASSWORD + "\",\"newPassword\":\"another long one\"}";

            Browser.Answer answer = during(
                    api,
                    "update ops.app_user set display_name = 'Li', role = 'CREW' where name = 'duty'",
                    () -> duty.post("/api/v1/me/password", change));

            assertThat(answer.status()).isEqualTo(204);
            assertThat(api.database.column("select display_name || ' ' || role from ops.app_user where name = 'duty'"))
                    .containsExactly("Li CREW");
            assertThat(api.browser().tryLogin("duty", "another long one").status())
                    .isEqualTo(200);
        }
    }

    @Test
    void loggingOutWorksWithTheDatabaseAwayAndLastsOnceItIsBack() throws Exception {
        try (RunningApi api = new RunningApi()) {
            Browser duty = api.duty();
            api.database.cutOff();
            await().atMost(Duration.ofSeconds(20))
                    .until(() -> duty.get("/api/v1/rejected").status() == 503);

            Browser.Answer out = duty.post("/api/v1/logout", null);

            assertThat(out.status()).isEqualTo(204);
            assertThat(out.response().headers().firstValue("set-cookie").orElseThrow())
                    .contains("Max-Age=0");
            assertThat(duty.get("/api/v1/me").status()).isEqualTo(401);
            api.database.bringBack();
            await().atMost(Duration.ofSeconds(30))
                    .until(() -> api.database
                            .column("select count(*) from ops.session")
                            .equals(List.of("0")));
        }
    }

    /** Makes a request while a transaction that changes a user is under way, and commits once the request waits for it. */
    private static Browser.Answer during(RunningApi api, String change, Callable<Browser.Answer> request)
            throws Exception {
        try (Connection other = DriverManager.getConnection(api.database.url())) {
            other.setAutoCommit(false);
            other.createStatement().execute(change);
            CompletableFuture<Browser.Answer> answer = later(request);
            await().until(() -> answer.isDone()
                    || api.database
                            .column("select count(*) from pg_stat_activity where wait_event_type = 'Lock'"
                                    + " and datname = current_database()")
                            .equals(List.of("1")));
            other.commit();
            return answer.get();
        }
    }

    private static CompletableFuture<Browser.Answer> later(Callable<Browser.Answer> request) {
        return CompletableFuture.supplyAsync(() -> {
            try {
                return request.call();
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
        });
    }

    @Test
    void outsideOfTheDemoTheFirstStartMakesOneAdministratorWithAPasswordInAFile() throws Exception {
        TestBroker broker = new TestBroker();
        RunningApi parts = new RunningApi(broker, new TestDatabase());
        CloudServer server = new CloudServer(
                parts.config(null),
                new CloudServer.Site(RunningApi.profiles(), java.util.List.of(), RunningApi.registry(), true),
                parts.clock);
        try {
            Browser browser = new Browser("http://127.0.0.1:" + server.start());
            Path file = parts.data.resolve("credentials/admin.txt");
            await().atMost(Duration.ofSeconds(20))
                    .until(() -> browser.get("/health").response().body().contains("\"database\":\"ok\""));

            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                    .isEqualTo("rw-------");
            assertThat(browser.tryLogin("admin", "admin").status()).isEqualTo(401);
            assertThat(browser.tryLogin("duty", RunningApi.PASSWORD).status()).isEqualTo(401);
            browser.login("admin", Files.readString(file).strip());

            assertThat(browser.send("PUT", "/api/v1/users/li", "{\"displayName\":\"李\",\"role\":\"DUTY_OFFICER\"}")
                            .where())
                    .isEqualTo("/password");
            assertThat(browser.send(
                                    "PUT",
                                    "/api/v1/users/li",
                                    "{\"displayName\":\"李\",\"role\":\"DUTY_OFFICER\",\"password\":\"a long enough one\"}")
                            .status())
                    .isEqualTo(200);
            assertThat(browser.send("PUT", "/api/v1/users/admin", "{\"displayName\":\"A\",\"role\":\"CREW\"}")
                            .code())
                    .isEqualTo("last_administrator");
            Browser li = new Browser(browser.base).login("li", "a long enough one");
            assertThat(li.post("/api/v1/me/password", "{\"oldPassword\":\"no\",\"newPassword\":\"another long one\"}")
                            .status())
                    .isEqualTo(401);
            assertThat(li.post(
                                    "/api/v1/me/password",
                                    "{\"oldPassword\":\"a long enough one\",\"newPassword\":\"another long one\"}")
                            .status())
                    .isEqualTo(204);
            assertThat(new Browser(browser.base)
                            .tryLogin("li", "another long one")
                            .status())
                    .isEqualTo(200);
        } finally {
            server.close();
            broker.close();
        }
    }
}
