package dev.tocsin.cloud;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class LoginTest {

    @Test
    void aSessionNeedsItsCookieAndForChangesItsToken() throws Exception {
        try (RunningApi api = new RunningApi()) {
            assertThat(api.browser().get("/api/v1/me").code()).isEqualTo("login_required");
            Browser duty = api.duty();
            assertThat(duty.get("/api/v1/me").body().at("/user/role").asText()).isEqualTo("DUTY_OFFICER");

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
