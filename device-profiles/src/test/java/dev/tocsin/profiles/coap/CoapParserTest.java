package dev.tocsin.profiles.coap;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.InstanceOfAssertFactories.type;

import dev.tocsin.profiles.profile.SourcePattern;
import java.io.ByteArrayOutputStream;
import java.util.HexFormat;
import java.util.List;
import org.eclipse.californium.core.coap.CoAP.ResponseCode;
import org.eclipse.californium.core.coap.CoAPMessageFormatException;
import org.eclipse.californium.core.coap.Message;
import org.eclipse.californium.core.coap.MessageFormatException;
import org.eclipse.californium.core.coap.OptionSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CoapParserTest {
    /** CON POST with message id 0x1234. */
    private static final String POST = "40021234";
    /** Uri-Path of no character. */
    private static final String FIRST_SEGMENT = "b0";

    private static final String ANOTHER = "00";

    private final CoapParser parser = new CoapParser();

    private Message parse(String hex) {
        return parser.parseMessage(HexFormat.of().parseHex(hex));
    }

    @Test
    void as_many_options_as_a_message_may_have_are_read() {
        Message message = parse(POST + FIRST_SEGMENT + ANOTHER.repeat(CoapParser.MAX_OPTIONS - 1) + "ff5b5d");

        assertThat(message.getOptions().getUriPath()).hasSize(CoapParser.MAX_OPTIONS);
        assertThat(message.getPayloadString()).isEqualTo("[]");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                // Known, unknown that may be passed over, with a value each, and with the long forms of RFC 7252
                // section 3.1.
                "00",
                "20",
                "0161",
                "d0ff",
                "e0ffff",
                "0d0000000000000000000000000000",
            })
    void one_more_is_refused_as_bad_options_whatever_they_are(String option) {
        assertThatThrownBy(() -> parse(POST + FIRST_SEGMENT + option.repeat(CoapParser.MAX_OPTIONS)))
                .asInstanceOf(type(CoAPMessageFormatException.class))
                .satisfies(refusal -> {
                    assertThat(refusal).hasMessage("more than 64 options");
                    assertThat(refusal.getErrorCode()).isEqualTo(ResponseCode.BAD_OPTION);
                    assertThat(refusal.isConfirmable()).isTrue();
                    assertThat(refusal.getMid()).isEqualTo(0x1234);
                });
    }

    @Test
    void bytes_of_the_payload_are_no_options() {
        assertThat(parse(POST + FIRST_SEGMENT + "ff" + ANOTHER.repeat(1_000)).getPayloadSize())
                .isEqualTo(1_000);
    }

    @Test
    void the_longest_path_of_a_profile_leaves_room_for_every_other_option() {
        int once = 20;

        assertThat(once + SourcePattern.MAX_LEVELS).isLessThan(CoapParser.MAX_OPTIONS);
    }

    @ParameterizedTest
    @ValueSource(strings = {"bf", "fb", "bd", "be00", "d0", "e000", "b561", "ff"})
    void what_ends_too_early_is_refused_with_a_reason(String options) {
        assertThatThrownBy(() -> parse(POST + options))
                .isInstanceOf(MessageFormatException.class)
                .hasMessageNotContaining("more than")
                .message()
                .isNotBlank();
    }

    @Test
    void a_payload_larger_than_its_block_is_a_bad_request() {
        // Block1: number 0, more to come, of 16 bytes.
        String block = "d10e08";

        assertThat(parse(POST + block + "ff" + ANOTHER.repeat(16)).getPayloadSize())
                .isEqualTo(16);
        assertThatThrownBy(() -> parse(POST + block + "ff" + ANOTHER.repeat(17)))
                .asInstanceOf(type(CoAPMessageFormatException.class))
                .satisfies(refusal -> assertThat(refusal.getErrorCode()).isEqualTo(ResponseCode.BAD_REQUEST));
    }

    @Test
    void the_options_of_a_shelly_are_read_and_others_that_may_be_passed_over_are() {
        ByteArrayOutputStream status = new ByteArrayOutputStream();
        // NON 0.30, CoIoT-Device (3332), option 3334, which nobody knows, CoIoT-Serial (3420).
        status.writeBytes(HexFormat.of().parseHex("501e0001e30bf7"));
        status.writeBytes(new byte[] {'a', '#', '1', 0x20, (byte) 0xd2, 0x49, 0x01, 0x02});

        OptionSet options = parser.parseMessage(status.toByteArray()).getOptions();

        assertThat(options.getOthers(CoapOptions.COIOT_DEVICE))
                .singleElement()
                .satisfies(device -> assertThat(device.getStringValue()).isEqualTo("a#1"));
        assertThat(options.getOthers(CoapOptions.COIOT_SERIAL))
                .singleElement()
                .satisfies(serial -> assertThat(serial.getIntegerValue()).isEqualTo(0x0102));
        assertThat(options.getOthers()).hasSize(2);
    }

    @Test
    void a_message_with_an_option_that_must_be_understood_and_is_not_is_refused() {
        for (String unknown : List.of("d0fa", "e0fcdc")) {
            assertThatThrownBy(() -> parse(POST + unknown))
                    .isInstanceOf(CoAPMessageFormatException.class)
                    .hasMessageContaining("critical option");
        }
    }

    @Test
    void an_empty_message_has_nothing_behind_its_header() {
        assertThatThrownBy(() -> parse("40001234ff00")).isInstanceOf(CoAPMessageFormatException.class);
    }
}
