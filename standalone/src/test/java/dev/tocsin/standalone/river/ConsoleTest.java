package dev.tocsin.standalone.river;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.deque.html.axecore.playwright.AxeBuilder;
import com.deque.html.axecore.results.Rule;
import com.microsoft.playwright.Browser;
import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.BrowserType;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Playwright;
import com.microsoft.playwright.assertions.PlaywrightAssertions;
import dev.tocsin.standalone.field.FieldPublisher;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** What duty officers and crews see, in a real browser. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ConsoleTest {
    private static final Path CHROMIUM = Path.of("/usr/bin/chromium");
    /** What a test waits at most; how long it really takes is a bench's matter. */
    private static final double PATIENCE_MS = 90_000;

    private Site site;
    private FieldPublisher field;
    private Playwright playwright;
    private Browser browser;

    @BeforeAll
    void startTheRiver(@TempDir Path data) throws Exception {
        Assumptions.assumeTrue(Files.isExecutable(CHROMIUM), "no Chromium is installed: " + CHROMIUM);
        site = Site.start(data);
        field = site.field("console-test");
        playwright = Playwright.create();
        PlaywrightAssertions.setDefaultAssertionTimeout(PATIENCE_MS);
        browser = playwright
                .chromium()
                .launch(new BrowserType.LaunchOptions()
                        .setExecutablePath(CHROMIUM)
                        .setArgs(List.of(
                                "--no-sandbox",
                                "--disable-gpu",
                                "--disable-quic",
                                "--no-first-run",
                                "--disable-background-networking",
                                "--disable-component-update",
                                "--disable-sync")));
    }

    @AfterAll
    void stopTheRiver() {
        if (site != null) {
            browser.close();
            playwright.close();
            field.close();
            site.close();
        }
    }

    @Test
    void aReadingBecomesAnAlertOnThePageIsAcknowledgedAndASecondBrowserSeesIt() throws Exception {
        Page first = login("duty", "en");
        Page second = login("admin", "zh");
        smoke("pantry");
        Locator row = row(first, "pantry");
        assertThat(row).isVisible();
        assertThat(row(second, "pantry")).isVisible();

        // Alerts of other tests at the same place confirm it, and who saw less is asked to look again.
        await().pollInSameThread()
                .pollInterval(Duration.ofMillis(500))
                .atMost(Duration.ofMillis((long) PATIENCE_MS))
                .until(() -> isAcknowledged(row));
        assertThat(row(second, "pantry")).hasAttribute("data-acknowledged", "true");
    }

    @Test
    void aCrewMemberSeesTheAlertAndCannotAcknowledgeIt() throws Exception {
        Page crew = login("crew", "zh");
        smoke("cellar");
        Locator row = row(crew, "cellar");
        assertThat(row).isVisible();
        assertThat(row.getByTestId("acknowledge")).hasCount(0);
    }

    @Test
    void aDeepLinkIsOpenedAfterTheLogin() throws Exception {
        Page officer = login("duty", "en");
        smoke("attic");
        Locator row = row(officer, "attic");
        assertThat(row).isVisible();
        String id = Objects.requireNonNull(row.getAttribute("data-alert"));

        Page later = browser.newContext().newPage();
        later.navigate(base() + "/alerts/" + id);
        logIn(later, "duty");
        assertThat(later.getByTestId("detail")).hasAttribute("data-alert", id);
        assertThat(later.getByTestId("chart")).isVisible();
    }

    @Test
    void thePageHasNoSeriousAccessibilityFault() throws Exception {
        Page officer = login("duty", "en");
        smoke("stairs");
        assertThat(row(officer, "stairs")).isVisible();
        List<Rule> violations = new AxeBuilder(officer).analyze().getViolations();
        assertThat(violations.stream()
                        .filter(v -> List.of("serious", "critical").contains(v.getImpact()))
                        .map(v -> v.getId() + ": " + v.getHelp()))
                .isEmpty();
    }

    private Page login(String user, String language) {
        BrowserContext context = browser.newContext();
        context.addInitScript("localStorage.setItem('tocsin.language', '" + language + "')");
        Page page = context.newPage();
        page.navigate(base());
        logIn(page, user);
        assertThat(page.getByTestId("strip")).hasAttribute("data-link", "live");
        // It rests where the login's button was; over the list it would make new alerts wait behind their chip.
        page.mouse().move(0, 0);
        return page;
    }

    private void logIn(Page page, String user) {
        page.getByTestId("login-user").fill(user);
        page.getByTestId("login-password").fill(Site.PASSWORD);
        page.getByTestId("login-submit").click();
    }

    private static Locator row(Page page, String device) {
        return page.getByTestId("alert-row")
                .filter(new Locator.FilterOptions().setHasText(device))
                .first();
    }

    /** Acknowledges it where it is not. */
    private static boolean isAcknowledged(Locator row) {
        if ("true".equals(row.getAttribute("data-acknowledged"))) {
            return true;
        }
        if (row.getByTestId("acknowledge").isVisible()) {
            row.getByTestId("acknowledge").click();
        }
        return false;
    }

    private String base() {
        return "http://127.0.0.1:" + site.ports.http();
    }

    private void smoke(String device) throws InterruptedException {
        field.publish(
                        "zigbee2mqtt/" + device,
                        "{\"smoke\":true,\"battery\":97,\"battery_low\":false,\"linkquality\":120}"
                                .getBytes(StandardCharsets.UTF_8),
                        Map.of())
                .join();
    }
}
