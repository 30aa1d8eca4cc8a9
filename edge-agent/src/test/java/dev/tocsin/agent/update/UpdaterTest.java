package dev.tocsin.agent.update;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.tocsin.profiles.bundle.Release;
import dev.tocsin.profiles.config.Settings;
import dev.tocsin.profiles.desired.DesiredJson;
import dev.tocsin.profiles.desired.UpdateOrder;
import dev.tocsin.profiles.desired.UpdateProgress;
import dev.tocsin.profiles.desired.UpdateProgress.Stage;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What an updater makes of its orders and of its folder, without a launcher. */
class UpdaterTest {
    private static final Duration SOON = Duration.ofSeconds(30);

    @TempDir
    Path data;

    private Path updates;

    @BeforeEach
    void makeFolder() throws Exception {
        updates = Files.createDirectories(data.resolve("updates"));
    }

    private static UpdateOrder order(long number, String version, String url) {
        return new UpdateOrder(number, Versions.GATEWAY, version, url, 1_000, "0".repeat(64));
    }

    /** One that runs as that version. */
    private Updater updater(Release release, String slot, String url) {
        UpdateSettings settings = new UpdateSettings(null, URI.create(url), 1 << 20, SOON, SOON);
        return new Updater(
                new Updater.Here(Versions.GATEWAY, release, updates.resolve(slot), slot), settings, data, () -> {});
    }

    private static void give(Updater updater, UpdateOrder order) {
        updater.order("test", DesiredJson.write(order));
    }

    private static String refused(Updater updater, UpdateOrder order) {
        await().atMost(SOON)
                .until(() -> updater.progress() != null
                        && updater.progress().order() == order.order()
                        && updater.progress().stage() == Stage.REFUSED);
        return updater.progress().detail();
    }

    @Test
    void whatever_an_order_makes_the_agent_throw_ends_the_order_and_not_the_agent() {
        try (Updater updater = updater(new Release("0.1.0", 10), "installed", "http://127.0.0.1")) {
            updater.start();
            UpdateOrder noPort = order(1, "0.2.0", "http://127.0.0.1:99999/bundle");
            give(updater, noPort);
            assertThat(refused(updater, noPort)).contains("names no http or https server");
            // With such a name Java does not look at the port until it connects.
            UpdateOrder noPortOfSuchName = order(2, "0.2.0", "http://a_b:99999/bundle");
            give(updater, noPortOfSuchName);
            assertThat(refused(updater, noPortOfSuchName)).contains("port out of range");
            UpdateOrder noServer = order(3, "0.2.0", "mailto:me");
            give(updater, noServer);
            assertThat(refused(updater, noServer)).contains("names no http or https server");
        }
    }

    @Test
    void an_address_that_cannot_be_asked_stops_the_start_and_says_which() {
        for (String url : new String[] {"http://platform:80800", "http://a b", "http:///x"}) {
            Settings settings = new Settings(new String[] {"--update.url=" + url}, Map.of());
            UpdateSettings.from(settings);
            assertThatThrownBy(settings::finish)
                    .hasMessageContaining("--update.url (TOCSIN_UPDATE_URL) = '" + url + "' is no address of a server");
        }
    }

    @Test
    void a_version_that_is_being_taken_back_neither_counts_as_proven_nor_takes_orders() throws Exception {
        UpdateFolder folder = new UpdateFolder(updates, Disk.REAL);
        UpdateOrder pending = order(1, "0.3.0", "/bundle");
        folder.keep("order.json", pending);
        Files.writeString(updates.resolve("good"), "A\n");
        try (Updater failed = updater(new Release("0.3.0", 30), "B", "http://127.0.0.1")) {
            assertThat(failed.settleTrial()).isFalse();
            // The launcher wrote why, and has not ended it yet.
            Files.writeString(updates.resolve("outcome"), "it hurts\n");
            assertThat(failed.settleTrial()).isFalse();
            assertThat(failed.progress()).isNull();
        }
        try (Updater former = updater(new Release("0.2.0", 20), "A", "http://127.0.0.1")) {
            assertThat(former.settleTrial()).isTrue();
            assertThat(former.progress()).isEqualTo(new UpdateProgress(1, "0.3.0", Stage.ROLLED_BACK, "it hurts"));
            assertThat(folder.kept("highest.json", Release.class)).isEqualTo(new Release("0.2.0", 20));
        }
    }

    @Test
    void an_outcome_in_another_encoding_is_told_all_the_same() throws Exception {
        UpdateFolder folder = new UpdateFolder(updates, Disk.REAL);
        folder.keep("order.json", order(1, "0.3.0", "/bundle"));
        Files.write(updates.resolve("outcome"), new byte[] {'n', 'o', ' ', (byte) 0xe9, '\n'});
        try (Updater former = updater(new Release("0.2.0", 20), "installed", "http://127.0.0.1")) {
            assertThat(former.settleTrial()).isTrue();
            assertThat(former.progress().stage()).isEqualTo(Stage.ROLLED_BACK);
            assertThat(former.progress().detail()).startsWith("no ");
        }
    }
}
