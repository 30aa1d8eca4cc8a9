package dev.tocsin.standalone.fuzz;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import dev.tocsin.standalone.platform.Layout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

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

    /** Each cost more than it may: options, that nobody knows; rules, with a dozen errors each. */
    static List<Arguments> inputs_that_were_dear() {
        return List.of(
                arguments(Decoder.COAP_MESSAGE, "@\u0002\u0000\u0001\u00e0\u00fc\u00db" + "\u0000".repeat(300)),
                arguments(Decoder.PROFILE, "{rules: [" + "{},".repeat(255) + "{}]}"));
    }

    @ParameterizedTest
    @MethodSource("inputs_that_were_dear")
    void what_was_dear_is_refused_for_little_memory(Decoder decoder, String text) {
        byte[] input = text.getBytes(StandardCharsets.ISO_8859_1);

        assertThat(decoder.takes(input)).isFalse();
        long allocated = Cost.of(decoder, input).least(Cost.of(decoder, input)).allocatedBytes();
        assertThat(allocated).isLessThan(Cost.MAX_ALLOCATED_BYTES + input.length * decoder.maxAllocatedPerByte);
    }

    @Test
    void an_attack_tells_how_much_it_tried_and_what_the_dearest_input_cost(@TempDir Path folder) throws Exception {
        List<String> said = new ArrayList<>();
        Fuzzing fuzzing = new Fuzzing(Layout.fromEnvironment(), folder, said::add);

        assertThat(fuzzing.attack(Decoder.UPLINK_BATCH, Duration.ofSeconds(1))).isTrue();

        assertThat(said).singleElement().asString().matches("uplink-batch: +[\\d,]+ inputs in 1 s, [1-9]\\d* edges.*");
    }
}
