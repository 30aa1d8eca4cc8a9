package dev.tocsin.cloud;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.deque.html.axecore.playwright.AxeBuilder;
import com.microsoft.playwright.Browser.NewContextOptions;
import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.BrowserType.LaunchOptions;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Playwright;
import com.microsoft.playwright.assertions.PlaywrightAssertions;
import com.microsoft.playwright.options.AriaRole;
import com.microsoft.playwright.options.ColorScheme;
import com.microsoft.playwright.options.Cookie;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;

/** The console in the Chromium that is installed, as one user after another sees it. */
final class ConsolePages implements AutoCloseable {
    private static final Path CHROMIUM = Path.of("/usr/bin/chromium");
    private static final double PATIENCE_MS = 60_000;
    /** Whatever has to be moved sideways to be seen, and every control that cannot be seen at all. */
    private static final String BESIDE = """
            [...document.querySelectorAll('*')].filter(each => {
              const scrolls = ['auto', 'scroll'].includes(getComputedStyle(each).overflowX);
              const { left, right, width } = each.getBoundingClientRect();
              return (scrolls && each.scrollWidth > each.clientWidth + 1)
                || (each.matches('a, button, input, select') && width > 1 && (left < 0 || right > innerWidth + 1));
            }).map(each => each.outerHTML.slice(0, 200))""";

    /** On a desk in a bright room, and on a phone in a dark cellar. */
    enum Screen {
        DESK(1280, 800, ColorScheme.LIGHT),
        PHONE(360, 720, ColorScheme.DARK);

        private final int width;
        private final int height;
        private final ColorScheme scheme;

        Screen(int width, int height, ColorScheme scheme) {
            this.width = width;
            this.height = height;
            this.scheme = scheme;
        }
    }

    private final Playwright playwright;
    private final com.microsoft.playwright.Browser chromium;

    /** Skips the test where no Chromium is installed, or the build left the console out. */
    ConsolePages() {
        assumeTrue(Files.isExecutable(CHROMIUM), "no Chromium is installed: " + CHROMIUM);
        assumeTrue(ConsolePages.class.getResource("/console/index.html") != null, "this build has no console");
        playwright = Playwright.create();
        PlaywrightAssertions.setDefaultAssertionTimeout(PATIENCE_MS);
        chromium = playwright
                .chromium()
                .launch(new LaunchOptions()
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

    /**
     * The page of devices, of somebody who has logged in already.
     *
     * @param list which of its lists
     */
    Page open(Browser user, String language, Screen screen, String list) {
        BrowserContext context = chromium.newContext(new NewContextOptions()
                .setViewportSize(screen.width, screen.height)
                .setColorScheme(screen.scheme));
        context.setDefaultTimeout(PATIENCE_MS);
        context.grantPermissions(List.of("clipboard-read", "clipboard-write"));
        context.addInitScript("localStorage.setItem('tocsin.language', '" + language + "')");
        context.clock().install();
        String[] session = user.cookie.split("=", 2);
        context.addCookies(List.of(new Cookie(session[0], session[1]).setUrl(user.base)));
        Page page = context.newPage();
        page.navigate(user.base + "/devices?list=" + list);
        assertThat(page.getByTestId("device-lists")).isVisible();
        return page;
    }

    /** The moment has come at which the lists are asked for again. */
    static void renew(Page page) {
        page.clock().fastForward(5_000);
    }

    static Locator dialog(Page page) {
        return page.getByRole(AriaRole.DIALOG);
    }

    /** Closes it as the keyboard does; the focus is where it was before. */
    static void leave(Page page, Locator opener) {
        page.keyboard().press("Escape");
        assertThat(dialog(page)).hasCount(0);
        assertThat(opener).isFocused();
    }

    /** Nothing that a machine can see would keep anybody out, and nothing is beside the screen. */
    static void requireUsable(Page page) {
        assertThat(new AxeBuilder(page)
                        .analyze().getViolations().stream()
                                .filter(each -> Set.of("serious", "critical").contains(each.getImpact()))
                                .map(each -> each.getId() + ": "
                                        + each.getNodes().get(0).getHtml()))
                .isEmpty();
        assertThat(page.evaluate(BESIDE)).as("beside the screen").isEqualTo(List.of());
    }

    @Override
    public void close() {
        chromium.close();
        playwright.close();
    }
}
