package dev.tocsin.profiles.codec;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.cbor.databind.CBORMapper;
import dev.tocsin.profiles.reading.Rejected.Reason;
import java.util.HexFormat;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CborShapeTest {
    private static final int DEPTH = 32;

    private static int brokenAt(String hex) {
        return CborShape.brokenAt(HexFormat.of().parseHex(hex.replace(" ", "")), DEPTH);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "00",
                "17",
                "1818",
                "1bffffffffffffffff",
                "20",
                "3903e7",
                "f97e00",
                "fa47c35000",
                "fb7e37e43c8800759c",
                "f4",
                "f6",
                "f8ff",
                "c074323031332d30332d32315432303a30343a30305a",
                "d818456449455446",
                "40",
                "4401020304",
                "60",
                "62c3bc",
                "80",
                "83010203",
                "8301820203820405",
                "a0",
                "a201020304",
                "a26161016162820203",
                "5f42010243030405ff",
                "7f657374726561646d696e67ff",
                "9fff",
                "9f018202039f0405ffff",
                "83018202039f0405ff",
                "bf61610161629f0203ffff",
                "826161bf61626163ff"
            })
    void what_appendix_A_of_RFC_8949_shows_is_well_formed(String hex) {
        assertThat(brokenAt(hex)).isEqualTo(-1);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "18",
                "19",
                "1a",
                "1b",
                "1901",
                "1a0102",
                "1b01020304050607",
                "38",
                "58",
                "78",
                "98",
                "9a01ff00",
                "b8",
                "d8",
                "f8",
                "f900",
                "fa0000",
                "fb000000",
                "41",
                "61",
                "5affffffff00",
                "5bffffffffffffffff010203",
                "7affffffff00",
                "7b7fffffffffffffff010203",
                "81",
                "818181818181818181",
                "8200",
                "a1",
                "a20102",
                "a100",
                "a2000000",
                "c0",
                "5f4100",
                "7f6100",
                "9f",
                "9f0102",
                "bf",
                "bf01020102",
                "819f",
                "9f8000",
                "9f9f9f9f9fffffffff",
                "9f819f819f9fffffff",
                "1c",
                "1d",
                "1e",
                "3c",
                "5d",
                "7e",
                "9c",
                "bd",
                "de",
                "fc",
                "f800",
                "f801",
                "f818",
                "f81f",
                "5f00ff",
                "5f21ff",
                "5f6100ff",
                "5f80ff",
                "5fa0ff",
                "5fc000ff",
                "5fe0ff",
                "7f4100ff",
                "5f5f4100ffff",
                "7f7f6100ffff",
                "ff",
                "81ff",
                "8200ff",
                "a1ff",
                "a1ff00",
                "a100ff",
                "a20000ff",
                "9f81ff",
                "9f829f819f9fffffffff",
                "bf00ff",
                "bf000000ff",
                "1f",
                "3f",
                "df",
                "",
                "0000"
            })
    void what_appendix_F_of_RFC_8949_shows_is_not(String hex) {
        assertThat(brokenAt(hex)).isNotNegative();
    }

    @Test
    void an_item_is_as_deep_as_the_bound_and_not_deeper() {
        assertThat(brokenAt("81".repeat(DEPTH) + "00")).isEqualTo(-1);
        assertThat(brokenAt("81".repeat(DEPTH + 1) + "00")).isEqualTo(DEPTH + 1);
    }

    @Test
    void a_map_of_more_entries_than_bytes_is_broken_where_it_begins_to_count() {
        assertThat(brokenAt("bbffffffffffffffff")).isEqualTo(9);
        assertThat(brokenAt("9b7fffffffffffffff00")).isEqualTo(9);
    }

    /** Found by fuzzing: the parser made room for what the head promises, and six bytes cost 136 kB. */
    @Test
    void a_string_that_promises_more_than_follows_is_refused_where_it_stands() {
        Incoming message = Messages.coap("sensors/d1", 112, HexFormat.of().parseHex("815a0001fff04f"));
        Decoding.Refused refused =
                Messages.refused(Messages.decoder(Registry.opened()).decode(message));
        assertThat(refused.reason()).isEqualTo(Reason.MALFORMED);
        assertThat(refused.detail()).isEqualTo("not CBOR at byte 1");
    }

    @Test
    void what_a_writer_of_CBOR_writes_is_well_formed() throws Exception {
        ObjectMapper cbor = new CBORMapper();
        byte[] pack = cbor.writeValueAsBytes(
                new Object[] {Map.of(0, "a", 2, 21.5, 6, -3), Map.of("n", "b", "vd", new byte[300], "x", 1L << 40)});
        assertThat(CborShape.brokenAt(pack, DEPTH)).isEqualTo(-1);
    }
}
