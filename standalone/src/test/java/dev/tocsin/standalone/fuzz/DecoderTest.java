package dev.tocsin.standalone.fuzz;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tocsin.standalone.platform.Layout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class DecoderTest {
    @ParameterizedTest
    @EnumSource
    void an_attack_departs_from_input_that_the_decoder_takes(Decoder decoder) {
        assertThat(Seeds.of(decoder))
                .isNotEmpty()
                .allSatisfy(seed -> assertThat(decoder.takes(seed))
                        .as("%s takes %s", decoder, new String(seed, StandardCharsets.UTF_8))
                        .isTrue());
    }

    @ParameterizedTest
    @EnumSource
    void nothing_and_noise_are_refused(Decoder decoder) {
        // A gateway may be set to nothing.
        assertThat(decoder.takes(new byte[0])).isEqualTo(decoder == Decoder.GATEWAY_SETTINGS);
        assertThat(decoder.takes(new byte[] {(byte) 0xff, (byte) 0xff, 0x00, 0x7f}))
                .isFalse();
    }

    @Test
    void an_attack_tells_how_much_it_tried_and_what_the_dearest_input_cost(@TempDir Path folder) throws Exception {
        List<String> said = new ArrayList<>();
        Fuzzing fuzzing = new Fuzzing(Layout.fromEnvironment(), folder, said::add);

        assertThat(fuzzing.attack(Decoder.UPLINK_BATCH, Duration.ofSeconds(1))).isTrue();

        assertThat(said).singleElement().asString().matches("uplink-batch: +[\\d,]+ inputs in 1 s, [1-9]\\d* edges.*");
    }
}
