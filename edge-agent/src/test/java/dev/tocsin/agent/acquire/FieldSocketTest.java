package dev.tocsin.agent.acquire;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class FieldSocketTest {
    private final FieldSocket socket = new FieldSocket(null);
    private ServerSocket server;
    private Socket broker;
    private DataInputStream received;

    @BeforeEach
    void connect() throws IOException {
        server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        socket.connect(server.getLocalSocketAddress());
        broker = server.accept();
        received = new DataInputStream(broker.getInputStream());
        socket.start("acks");
    }

    @AfterEach
    void close() throws IOException {
        socket.close();
        broker.close();
        server.close();
    }

    @Test
    void acknowledgementsLeaveInTheOrderInWhichTheyWereGiven() throws Exception {
        for (int id = 1; id <= 5_000; id++) {
            socket.acknowledge(id);
        }
        for (int id = 1; id <= 5_000; id++) {
            assertThat(received.readInt()).isEqualTo(0x4002_0000 | id);
        }
    }

    @Test
    void noAcknowledgementPartsAPacketOfTheClient() throws Exception {
        OutputStream client = socket.getOutputStream();
        for (int round = 1; round <= 200; round++) {
            client.write(new byte[] {0x10, 0x11});
            socket.acknowledge(round);
            client.write(new byte[] {0x12, 0x13});
            client.flush();
            socket.awaitAcknowledged();
        }
        for (int round = 1; round <= 200; round++) {
            assertThat(received.readInt()).isEqualTo(0x1011_1213);
            assertThat(received.readInt()).isEqualTo(0x4002_0000 | round);
        }
    }

    @Test
    void aBrokerThatDoesNotReadHoldsUpNobodyWhoAcknowledges() throws Exception {
        for (int burst = 0; burst < 20; burst++) {
            for (int id = 1; id <= 65_535; id++) {
                socket.acknowledge(id);
            }
        }
        socket.close();
        socket.awaitAcknowledged();
    }
}
