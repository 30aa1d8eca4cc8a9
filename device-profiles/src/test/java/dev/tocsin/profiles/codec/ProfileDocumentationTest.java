package dev.tocsin.profiles.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import dev.tocsin.profiles.profile.Profile;
import dev.tocsin.profiles.profile.ProfileCatalog;
import dev.tocsin.profiles.reading.Quality;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.ZoneOffset;
import org.junit.jupiter.api.Test;

/** The example of docs/PROFILES.md is a profile, and reads the message that stands beside it. */
class ProfileDocumentationTest {
    @Test
    void theExampleReadsItsMessage() throws Exception {
        String guide = Files.readString(Path.of("../docs/PROFILES.md"));
        ProfileCatalog catalog = ProfileCatalog.builtIn().with(Profile.parse(block(guide, "yaml"), "PROFILES.md"));
        MessageDecoder decoder =
                new MessageDecoder(catalog, Registry.opened(), Clock.fixed(Messages.NOW, ZoneOffset.UTC), () -> true);

        Decoding decoding = decoder.decode(Messages.mqtt("pumps/cellar-3/state", block(guide, "json")));

        Decoding.Decoded decoded = Messages.decoded(decoding);
        assertThat(decoded.profile()).isEqualTo("sump-pump");
        assertThat(decoded.refused()).isNull();
        assertThat(decoded.readings())
                .extracting("device", "metric", "value", "quality")
                .containsExactly(
                        tuple("cellar-3", "level", 0.87, Quality.CLOCK),
                        tuple("cellar-3", "running", 1.0, Quality.CLOCK),
                        tuple("cellar-3", "battery", 64.0, Quality.CLOCK));
    }

    /** The first code block of a language. */
    private static String block(String guide, String language) {
        return guide.split("```" + language + "\n", 2)[1].split("```", 2)[0];
    }
}
