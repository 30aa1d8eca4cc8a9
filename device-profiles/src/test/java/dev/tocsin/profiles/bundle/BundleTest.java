package dev.tocsin.profiles.bundle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a bundle is, and what is none. */
class BundleTest {
    private static final BundleWriter.Terms ANY = new BundleWriter.Terms("0.0.0", false);

    @TempDir
    Path folder;

    private final KeyPair vendor = BundleKeys.generate();
    private Path image;

    @BeforeEach
    void image() throws Exception {
        image = Files.createDirectories(folder.resolve("image/lib")).getParent();
        Files.writeString(image.resolve("release.json"), "{\"version\":\"1.2.3\",\"serial\":4}");
        Files.writeString(image.resolve("lib/agent.jar"), "jar");
    }

    private Path write() throws Exception {
        Path bundle = folder.resolve("bundle");
        BundleWriter.write(image, ANY, vendor.getPrivate(), bundle);
        return bundle;
    }

    @Test
    void holds_the_files_of_its_image_and_what_they_are() throws Exception {
        try (Bundle bundle = Bundle.open(write())) {
            assertThat(bundle.manifest().release()).isEqualTo(new Release("1.2.3", 4));
            assertThat(bundle.manifest().files())
                    .extracting(BundleManifest.Item::path)
                    .containsExactly("lib/agent.jar", "release.json");
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            bundle.copy(bundle.manifest().files().get(0), out);
            assertThat(out.toString(StandardCharsets.UTF_8)).isEqualTo("jar");
            bundle.requireIntact();
        }
    }

    @Test
    void is_signed_by_the_key_that_signed_it_and_by_no_other() throws Exception {
        try (Bundle bundle = Bundle.open(write())) {
            assertThat(bundle.isSignedByOneOf(List.of(BundleKeys.generate().getPublic(), vendor.getPublic())))
                    .isTrue();
            assertThat(bundle.isSignedByOneOf(List.of(BundleKeys.generate().getPublic())))
                    .isFalse();
            assertThat(bundle.isSignedByOneOf(List.of())).isFalse();
        }
    }

    @Test
    void keys_outlive_their_files_and_a_file_that_is_no_key_is_named() throws Exception {
        Path keys = Files.createDirectories(folder.resolve("keys"));
        Files.writeString(keys.resolve("a.pub"), BundleKeys.pem(vendor.getPublic()));
        Files.writeString(keys.resolve("a.key"), BundleKeys.pem(vendor.getPrivate()));
        assertThat(BundleKeys.trusted(List.of(keys, folder.resolve("none")))).containsExactly(vendor.getPublic());
        assertThat(BundleKeys.privateKey(keys.resolve("a.key"))).isEqualTo(vendor.getPrivate());
        Files.writeString(keys.resolve("b.pub"), BundleKeys.pem(vendor.getPrivate()));
        assertThatThrownBy(() -> BundleKeys.trusted(List.of(keys)))
                .isInstanceOf(BundleException.class)
                .hasMessageContaining("b.pub");
    }

    @ParameterizedTest
    @ValueSource(strings = {"../x", "/etc/passwd", "a/../b", "a//b", ".hidden", "a/.b", "a b", "a\\b", "", "a/", "ä"})
    void a_path_that_could_lead_elsewhere_is_none(String path) {
        assertThatThrownBy(() -> new BundleManifest.Item(path, 1, "0".repeat(64), false))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("is no path that a bundle may hold");
    }

    @Test
    void the_bounds_of_size_and_number_hold() {
        BundleManifest.Item large =
                new BundleManifest.Item("release.json", BundleManifest.MAX_BYTES, "0".repeat(64), false);
        BundleManifest.Item one = new BundleManifest.Item("one", 1, "0".repeat(64), false);
        assertThat(manifest(List.of(large)).bytes()).isEqualTo(BundleManifest.MAX_BYTES);
        assertThatThrownBy(() -> manifest(List.of(large, one))).hasMessageContaining("more than");
        assertThatThrownBy(() -> manifest(List.of(one))).hasMessageContaining("lacks release.json");
        assertThatThrownBy(() -> manifest(List.of(large, large))).hasMessageContaining("twice");
    }

    private static BundleManifest manifest(List<BundleManifest.Item> files) {
        return new BundleManifest(1, BundleManifest.NAME, "1.0", 1, "0.1", false, 0, files);
    }

    @ParameterizedTest
    @CsvSource({
        "1.2.3, 1.2.3, 0",
        "1.2, 1.2.0, 0",
        "1.10.0, 1.9.9, 1",
        "2, 1.99.99.99, 1",
        "1.2.0-rc1, 1.2.0, -1",
        "1.2.0-rc1, 1.1.9, 1",
        "1.2.0-rc2, 1.2.0-rc1, 1",
    })
    void versions_compare_by_number(String one, String other, int sign) {
        assertThat(Integer.signum(Release.compare(one, other))).isEqualTo(sign);
        assertThat(Integer.signum(Release.compare(other, one))).isEqualTo(-sign);
    }
}
