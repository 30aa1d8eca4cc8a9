package dev.tocsin.cloud;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.AriaRole;
import dev.tocsin.profiles.command.CommandReply;
import dev.tocsin.profiles.command.CommandReply.Result;
import dev.tocsin.profiles.desired.DesiredJson;
import dev.tocsin.profiles.desired.GatewayStatus;
import dev.tocsin.profiles.desired.UpdateProgress;
import dev.tocsin.profiles.desired.UpdateProgress.Stage;
import dev.tocsin.profiles.profile.LocalText;
import dev.tocsin.profiles.wire.Lane;
import dev.tocsin.profiles.wire.Topics;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** What a crew and an administrator do to gateways on the console, with mouse and keyboard in a real browser. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ConsoleGatewaysTest {
    /** The lines to run on the gateway. */
    private static final Pattern TOKEN = Pattern.compile("printf '%s\\\\n' '([^']+)'");

    private static final GatewayStatus.Running NOTHING = new GatewayStatus.Running(0, Map.of(), Map.of(), List.of());

    @TempDir
    private Path folder;

    private RunningApi api;
    private ConsolePages console;
    private Browser admin;
    private Browser crew;
    private Browser duty;

    @BeforeAll
    void start() throws Exception {
        api = new RunningApi();
        console = new ConsolePages();
        admin = api.admin();
        crew = api.crew();
        duty = api.duty();
    }

    @AfterAll
    void stop() throws Exception {
        if (console != null) {
            console.close();
        }
        api.close();
    }

    private GatewayBox enrolled(String gateway, String token) throws Exception {
        GatewayBox box = new GatewayBox(
                api.gatewayBase(),
                Files.readString(api.data.resolve("identities").resolve("ca.pem")),
                gateway);
        assertThat(box.enrol(token).status()).isEqualTo(200);
        return box;
    }

    private void says(
            GatewayStatus.Running running, @Nullable UpdateProgress progress, GatewayStatus.Refused... refused)
            throws Exception {
        api.broker.publish(
                Topics.up(Topics.shardOf("gateway-1", 4), "gateway-1", Lane.STATUS),
                DesiredJson.write(new GatewayStatus(
                        "gateway-1",
                        true,
                        api.clock.instant(),
                        "1.1.0",
                        "e",
                        1,
                        true,
                        progress,
                        running,
                        List.of(refused))),
                true);
        await().untilAsserted(() -> {
            JsonNode gateway = duty.get("/api/v1/gateways").body().at("/gateways/0");
            assertThat(gateway.get("presence").asText()).isEqualTo("online");
            assertThat(gateway.get("refused")).hasSize(refused.length);
        });
    }

    private static Locator row(Page page, String list, String gateway) {
        return page.locator("[data-testid=" + list + "][data-gateway=" + gateway + "]");
    }

    @Test
    void aTokenIsShownOnceAndCopiedAndTheGatewayThatEnrolsWithItIsSeen() throws Exception {
        Page page = console.open(admin, "en", ConsolePages.Screen.DESK, "gateways");
        Locator school = row(page, "gateway-row", "gateway-2");
        Locator opener = school.getByTestId("make-token");
        opener.press("Enter");
        Locator dialog = ConsolePages.dialog(page);
        assertThat(dialog).hasAccessibleName("Enrol School");
        assertThat(dialog.getByTestId("copy")).isFocused();
        ConsolePages.requireUsable(page);
        page.keyboard().press("Enter");
        assertThat(dialog.getByTestId("copy")).hasText("Copied");
        String lines = (String) page.evaluate("navigator.clipboard.readText()");
        assertThat(lines).isEqualTo(dialog.getByTestId("enrol-command").textContent());
        Matcher token = TOKEN.matcher(lines);
        assertThat(token.find()).isTrue();
        ConsolePages.leave(page, opener);
        assertThat(page.content()).doesNotContain(token.group(1));
        assertThat(school).containsText("a token waits until");

        enrolled("gateway-2", token.group(1));
        ConsolePages.renew(page);

        assertThat(school.getByTestId("identity")).hasAttribute("data-state", "enrolled");
        assertThat(school).not().containsText("a token waits until");
        page.context().close();
    }

    /** A page from another machine over plain HTTP has no clipboard, and the button did nothing there. */
    @Test
    void aTokenIsCopiedAlsoWhereTheBrowserHasNoClipboard() {
        Page page = console.open(admin, "zh", ConsolePages.Screen.PHONE, "gateways");
        page.evaluate("Object.defineProperty(navigator, 'clipboard', { value: undefined, configurable: true })");
        row(page, "gateway-row", "gateway-2").getByTestId("make-token").click();
        Locator dialog = ConsolePages.dialog(page);
        assertThat(dialog).hasAccessibleName("网关入网：School");
        dialog.getByTestId("copy").click();
        assertThat(dialog.getByTestId("copy")).hasText("已复制");
        page.evaluate("delete navigator.clipboard");
        assertThat(page.evaluate("navigator.clipboard.readText()"))
                .isEqualTo(dialog.getByTestId("enrol-command").textContent());
        page.context().close();
    }

    @Test
    void aRevocationIsAskedForOnceMoreAndIsSeen() throws Exception {
        enrolled(
                "gateway-1",
                admin.post("/api/v1/gateways/gateway-1/enrolment-token", null)
                        .body()
                        .get("token")
                        .asText());
        Page page = console.open(admin, "en", ConsolePages.Screen.PHONE, "gateways");
        Locator hall = row(page, "gateway-row", "gateway-1");
        assertThat(hall.getByTestId("identity")).hasAttribute("data-state", "enrolled");
        Locator opener = page.getByRole(AriaRole.BUTTON, new Page.GetByRoleOptions().setName("Revoke… Town hall"));
        opener.click();
        assertThat(ConsolePages.dialog(page)).hasAccessibleName("Revoke Town hall?");
        ConsolePages.requireUsable(page);
        // Whoever presses Enter too fast has revoked nothing.
        assertThat(ConsolePages.dialog(page).getByTestId("cancel-revoke")).isFocused();
        page.keyboard().press("Enter");
        assertThat(ConsolePages.dialog(page)).hasCount(0);
        assertThat(opener).isFocused();
        assertThat(admin.get("/api/v1/identities")
                        .body()
                        .at("/identities/0/state")
                        .asText())
                .isEqualTo("enrolled");

        opener.press("Enter");
        ConsolePages.dialog(page).getByTestId("confirm-revoke").click();

        assertThat(hall.getByTestId("identity")).hasAttribute("data-state", "revoked");
        assertThat(hall.getByTestId("identity")).containsText("revoked");
        assertThat(hall.getByTestId("identity")).containsText("admin");
        assertThat(ConsolePages.dialog(page)).hasCount(0);
        assertThat(opener).isFocused();
        page.context().close();
    }

    @Test
    void aCommandShowsWhatTheGatewayAnswersAndOneThatMissedItsDeadlineSaysSo() throws Exception {
        says(NOTHING, null);
        Page page = console.open(crew, "zh", ConsolePages.Screen.PHONE, "gateways");
        Locator opener = row(page, "gateway-row", "gateway-1").getByTestId("command-open");
        opener.press("Enter");
        Locator dialog = ConsolePages.dialog(page);
        assertThat(dialog).hasAccessibleName("命令 · Town hall");
        assertThat(dialog.getByTestId("command-kind")).isFocused();
        dialog.getByTestId("command-kind").selectOption("LOG_LEVEL");
        dialog.getByLabel("分钟").fill("soon");
        page.keyboard().press("Enter");
        assertThat(dialog.getByRole(AriaRole.ALERT)).containsText("命令参数有误");
        dialog.getByLabel("分钟").fill("5");
        page.keyboard().press("Enter");
        Locator outcome = dialog.getByTestId("command-outcome");
        assertThat(outcome).hasAttribute("data-state", "WAITING");
        assertThat(dialog.getByLabel("分钟")).isFocused();
        ConsolePages.requireUsable(page);
        JsonNode sent = crew.get("/api/v1/gateways/gateway-1/commands").body().at("/commands/0");
        assertThat(sent.at("/arguments").toString()).isEqualTo("{\"level\":\"debug\",\"minutes\":\"5\"}");
        answers(sent.get("id").asText(), Map.of("before", "info"));
        assertThat(outcome).hasAttribute("data-state", "DONE");
        assertThat(outcome).containsText("日志级别已设为 debug");
        assertThat(outcome).containsText("info");
        ConsolePages.leave(page, opener);

        // The other one is away.
        opener = row(page, "gateway-row", "gateway-2").getByTestId("command-open");
        opener.click();
        dialog.getByTestId("command-kind").selectOption("RESTART");
        dialog.getByTestId("command-send").press("Enter");
        assertThat(outcome).hasAttribute("data-state", "WAITING");
        assertThat(dialog.getByTestId("command-send")).isFocused();
        api.clock.forward(Duration.ofMinutes(2));
        assertThat(outcome).hasAttribute("data-state", "EXPIRED");
        assertThat(outcome).containsText("网关未在期限内响应");
        ConsolePages.leave(page, opener);

        opener.click();
        assertThat(outcome).hasCount(0);
        dialog.getByTestId("command-logged").first().press("Enter");
        assertThat(outcome).hasAttribute("data-state", "EXPIRED");
        page.context().close();
    }

    private void answers(String command, Map<String, String> data) throws Exception {
        CommandReply reply = new CommandReply(
                command,
                Result.DONE,
                new LocalText("The log is at debug for 5 min.", "日志级别已设为 debug，持续 5 分钟。"),
                data,
                api.clock.instant(),
                api.clock.instant());
        api.broker.publish(Topics.up(0, "gateway-1", Lane.REPLY), DesiredJson.write(reply));
    }

    @Test
    void whatAGatewayTriesAndRefusesIsShownWithTheReason() throws Exception {
        String settings = Topics.stateOfSettings("gateway-1");
        says(
                new GatewayStatus.Running(0, Map.of(), Map.of(), List.of(Topics.stateOfProfile("p"))),
                null,
                new GatewayStatus.Refused(settings, 3, "/outputs/0: no such topic", api.clock.instant()));

        Page page = console.open(duty, "en", ConsolePages.Screen.DESK, "gateways");

        Locator hall = row(page, "gateway-row", "gateway-1");
        assertThat(hall.getByTestId("gateway-notes")).containsText("new state on trial");
        assertThat(hall.getByTestId("gateway-refused")).containsText("refuses settings gateway-1, version 3");
        assertThat(hall.getByTestId("gateway-refused")).containsText("/outputs/0: no such topic");
        assertThat(hall.getByTestId("make-token")).hasCount(0);
        ConsolePages.requireUsable(page);
        page.context().close();
    }

    @Test
    void aBundleIsUploadedAndRemovedByTheAdministrator() throws Exception {
        Page page = console.open(admin, "en", ConsolePages.Screen.DESK, "updates");
        Locator opener = page.getByTestId("upload-open");
        opener.press("Enter");
        Locator dialog = ConsolePages.dialog(page);
        dialog.locator("input[type=file]").setInputFiles(AgentBundlesTest.bundle(folder, "2.0.0", 20));
        dialog.getByLabel("Version").fill("2.0.1");
        page.keyboard().press("Enter");
        assertThat(dialog.getByRole(AriaRole.ALERT)).containsText("it is version 2.0.0, not 2.0.1");
        ConsolePages.requireUsable(page);
        Path named = Files.copy(AgentBundlesTest.bundle(folder, "2.0.0", 21), folder.resolve("agent-2.0.0.bundle"));
        dialog.locator("input[type=file]").setInputFiles(named);
        assertThat(dialog.getByLabel("Version")).hasValue("2.0.0");
        dialog.getByTestId("upload-send").click();
        Locator bundle = page.locator("[data-testid=bundle-row][data-version='2.0.0']");
        assertThat(bundle).containsText("0.1.0 and newer");
        assertThat(opener).isFocused();

        bundle.getByTestId("remove-bundle").click();
        assertThat(dialog).hasAccessibleName("Remove 2.0.0?");
        dialog.getByTestId("confirm-remove").click();
        assertThat(bundle).hasCount(0);
        assertThat(dialog).hasCount(0);
        page.context().close();
    }

    @Test
    void aCrewOrdersAnUpdateForSeveralGatewaysAndSeesWhyOneWentBack() throws Exception {
        Path bundle = AgentBundlesTest.bundle(folder, "1.2.0", 7);
        AgentBundlesTest.upload(admin, "1.2.0", bundle);
        says(NOTHING, null);
        Page page = console.open(crew, "zh", ConsolePages.Screen.PHONE, "updates");
        assertThat(page.getByTestId("upload-open")).hasCount(0);
        Locator progress = row(page, "update-row", "gateway-1").getByTestId("update-progress");
        assertThat(progress).hasAttribute("data-state", "NONE");
        page.getByTestId("update-version").selectOption("1.2.0");
        page.getByLabel("选择 Town hall").press("Space");
        page.getByLabel("选择 School").check();
        Locator opener = page.getByTestId("order-open");
        assertThat(opener).hasText("为 2 台网关下达升级…");
        opener.press("Enter");
        assertThat(ConsolePages.dialog(page)).hasAccessibleName("下达升级 1.2.0？");
        assertThat(ConsolePages.dialog(page)).containsText("Town hall: 1.1.0 → 1.2.0");
        ConsolePages.requireUsable(page);

        // Somebody takes it off the shelf meanwhile, and the list behind the dialog is renewed.
        assertThat(admin.send("DELETE", "/api/v1/agent-bundles/1.2.0", null).status())
                .isEqualTo(204);
        ConsolePages.renew(page);
        assertThat(page.locator("[data-testid=bundle-row][data-version='1.2.0']"))
                .hasCount(0);
        page.keyboard().press("Enter");
        Locator failures = ConsolePages.dialog(page).getByRole(AriaRole.ALERT);
        assertThat(failures).containsText("Town hall: 没有版本 “1.2.0” 的升级包");
        assertThat(failures).containsText("School: ");
        AgentBundlesTest.upload(admin, "1.2.0", bundle);
        assertThat(ConsolePages.dialog(page).getByTestId("confirm-order")).isFocused();
        page.keyboard().press("Enter");

        assertThat(ConsolePages.dialog(page)).hasCount(0);
        assertThat(opener).isFocused();
        assertThat(progress).hasAttribute("data-state", "WAITING");
        assertThat(row(page, "update-row", "gateway-2").getByTestId("update-progress"))
                .hasAttribute("data-state", "WAITING");

        reaches(Stage.ON_TRIAL, "");
        ConsolePages.renew(page);
        assertThat(progress).containsText("试运行中");
        reaches(Stage.ROLLED_BACK, "it was not healthy within 120 s");
        ConsolePages.renew(page);
        assertThat(progress).containsText("已回退到原版本");
        assertThat(progress).containsText("it was not healthy within 120 s");
        ConsolePages.requireUsable(page);
        page.context().close();
    }

    /** With the one order of gateway-1. */
    private void reaches(Stage stage, String detail) throws Exception {
        JsonNode order = crew.get("/api/v1/agent-updates").body().at("/updates/0/order");
        assertThat(order.get("gateway").asText()).isEqualTo("gateway-1");
        says(
                NOTHING,
                new UpdateProgress(
                        order.get("id").asLong(), order.get("version").asText(), stage, detail));
        await().until(() -> crew.get("/api/v1/agent-updates")
                .body()
                .at("/updates/0/progress/stage")
                .asText()
                .equals(stage.name()));
    }
}
