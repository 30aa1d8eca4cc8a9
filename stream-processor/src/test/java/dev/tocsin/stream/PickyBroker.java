package dev.tocsin.stream;

import dev.tocsin.stream.broker.BrokerAccess;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** As much of MQTT 5 as a publisher needs; tells it that nobody subscribes to topics with a given end. */
public final class PickyBroker implements AutoCloseable {
    private static final int NO_MATCHING_SUBSCRIBERS = 0x10;

    public final List<String> topics = new CopyOnWriteArrayList<>();
    private final ServerSocket server;
    private final String unheardEnd;

    public PickyBroker(String unheardEnd) throws IOException {
        this.unheardEnd = unheardEnd;
        server = new ServerSocket(0, 5, InetAddress.getLoopbackAddress());
        Thread thread = new Thread(this::accept, "picky-broker");
        thread.setDaemon(true);
        thread.start();
    }

    public BrokerAccess access() {
        return new BrokerAccess("tcp://127.0.0.1:" + server.getLocalPort(), null, null);
    }

    private void accept() {
        while (!server.isClosed()) {
            try (Socket socket = server.accept()) {
                serve(new DataInputStream(socket.getInputStream()), socket.getOutputStream());
            } catch (IOException e) {
                // The client left, or this is closed.
            }
        }
    }

    private void serve(DataInputStream in, OutputStream out) throws IOException {
        while (true) {
            int type = in.readUnsignedByte() >> 4;
            byte[] body = in.readNBytes(length(in));
            if (type == 1) {
                out.write(new byte[] {0x20, 3, 0, 0, 0});
            } else if (type == 3) {
                ByteBuffer packet = ByteBuffer.wrap(body);
                byte[] name = new byte[packet.getShort()];
                packet.get(name);
                String topic = new String(name, StandardCharsets.UTF_8);
                topics.add(topic);
                byte reason = (byte) (topic.endsWith(unheardEnd) ? NO_MATCHING_SUBSCRIBERS : 0);
                out.write(new byte[] {0x40, 4, packet.get(), packet.get(), reason, 0});
            } else if (type == 14) {
                return;
            }
            out.flush();
        }
    }

    private static int length(DataInputStream in) throws IOException {
        int length = 0;
        for (int shift = 0; ; shift += 7) {
            int digit = in.readUnsignedByte();
            length |= (digit & 0x7F) << shift;
            if (digit < 0x80) {
                return length;
            }
        }
    }

    @Override
    public void close() throws IOException {
        server.close();
    }
}
