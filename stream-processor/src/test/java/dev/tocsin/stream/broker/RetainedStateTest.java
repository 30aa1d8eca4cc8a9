package dev.tocsin.stream.broker;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tocsin.stream.TestBroker;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RetainedStateTest {
    /** MQTT 5, clean start, client id "p". */
    private static final String CONNECT = "100e" + "00044d515454" + "05" + "02" + "0000" + "00" + "000170";

    @TempDir
    Path folder;

    /** Plain Artemis passes on a control character in a user property, of which the client's receiving thread dies. */
    @Test
    void a_message_that_the_client_cannot_read_is_heard_and_so_are_those_after_it() throws Exception {
        try (TestBroker broker = TestBroker.start(folder)) {
            retain(broker, "tocsin/v1/state/profile/a", "26" + "00016b" + "0003610162");
            retain(broker, "tocsin/v1/state/profile/b", "");
            assertThat(RetainedState.read(broker.access()))
                    .containsOnlyKeys("tocsin/v1/state/profile/a", "tocsin/v1/state/profile/b");
        }
    }

    /** The client would not send it. */
    private static void retain(TestBroker broker, String topic, String propertiesHex) throws Exception {
        HexFormat hex = HexFormat.of();
        byte[] name = topic.getBytes(StandardCharsets.UTF_8);
        String body = hex.toHexDigits((short) name.length)
                + hex.formatHex(name)
                + "0001"
                + hex.toHexDigits((byte) (propertiesHex.length() / 2))
                + propertiesHex
                + "7b7d";
        URI url = URI.create(broker.access().url());
        try (Socket socket = new Socket(url.getHost(), url.getPort())) {
            OutputStream out = socket.getOutputStream();
            InputStream in = socket.getInputStream();
            out.write(hex.parseHex(CONNECT));
            assertThat(in.read()).isEqualTo(0x20);
            in.skipNBytes(in.read());
            out.write(hex.parseHex("33" + hex.toHexDigits((byte) (body.length() / 2)) + body));
            assertThat(in.read()).isEqualTo(0x40);
        }
    }
}
