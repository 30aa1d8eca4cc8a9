package dev.tocsin.agent;

import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ServerSocketFactory;

/**
 * An MQTT 5 broker that takes publications and acknowledges them when the test says so; it delivers nothing but what the
 * test has it say, byte by byte.
 */
public final class SlowBroker implements AutoCloseable {
    public final AtomicInteger connects = new AtomicInteger();
    public final AtomicInteger publications = new AtomicInteger();
    public final AtomicInteger subscribes = new AtomicInteger();
    /** Of every publication at QoS 1 that is not retained, as they came. */
    public final List<String> topics = new CopyOnWriteArrayList<>();
    /** Client ids, as they came. */
    public final List<String> clients = new CopyOnWriteArrayList<>();
    /** Packet ids of what was acknowledged to it, as they came. */
    public final List<Integer> acknowledged = new CopyOnWriteArrayList<>();

    private final ServerSocket server;
    private final String scheme;
    private final List<Owed> owed = new ArrayList<>();
    private final List<Socket> sockets = new ArrayList<>();
    private final Map<String, Socket> subscribed = new ConcurrentHashMap<>();
    private boolean withholding;

    private record Owed(Socket socket, String topic, byte[] packet) {}

    public SlowBroker() throws IOException {
        this("tcp", ServerSocketFactory.getDefault());
    }

    /** @param scheme of the URL that its clients are given */
    public SlowBroker(String scheme, ServerSocketFactory serverSockets) throws IOException {
        this.scheme = scheme;
        server = serverSockets.createServerSocket(0, 16, InetAddress.getLoopbackAddress());
        start(() -> {
            while (!server.isClosed()) {
                Socket socket = server.accept();
                synchronized (this) {
                    sockets.add(socket);
                }
                start(() -> serve(socket));
            }
        });
    }

    public String url() {
        return scheme + "://127.0.0.1:" + server.getLocalPort();
    }

    public synchronized void withhold() {
        withholding = true;
    }

    /** Whether that client has subscribed to anything on a connection that stands, as far as is known. */
    public boolean hears(String clientId) {
        return subscribed.containsKey(clientId);
    }

    /** Says something to a client that hears. */
    public void say(String clientId, byte[] packets) throws IOException {
        write(Objects.requireNonNull(subscribed.get(clientId), clientId), packets);
    }

    /** How many acknowledgements are owed. */
    public synchronized int owed() {
        return owed.size();
    }

    public synchronized void release() throws IOException {
        withholding = false;
        release("");
    }

    /** What it owes for topics that end so; it goes on withholding. */
    public synchronized void release(String topicEnd) throws IOException {
        for (Owed one : owed) {
            if (one.topic().endsWith(topicEnd)) {
                write(one.socket(), one.packet());
            }
        }
        owed.removeIf(one -> one.topic().endsWith(topicEnd));
    }

    /** As a broker that dies: what it owed it never says. */
    public synchronized void hangUp() throws IOException {
        withholding = false;
        owed.clear();
        for (Socket socket : sockets) {
            socket.close();
        }
        sockets.clear();
    }

    private void serve(Socket socket) throws IOException {
        DataInputStream in = new DataInputStream(socket.getInputStream());
        String client = "";
        while (true) {
            int header = in.readUnsignedByte();
            byte[] body = new byte[length(in)];
            in.readFully(body);
            ByteBuffer packet = ByteBuffer.wrap(body);
            switch (header >> 4) {
                case 1 -> {
                    client = clientId(packet);
                    clients.add(client);
                    connects.incrementAndGet();
                    write(socket, new byte[] {0x20, 3, 0, 0, 0});
                }
                case 3 -> onPublish(socket, header, packet);
                case 4 -> acknowledged.add((int) packet.getChar());
                case 8 -> {
                    subscribes.incrementAndGet();
                    int filters = filters(packet);
                    byte[] suback = new byte[2 + 3 + filters];
                    suback[0] = (byte) 0x90;
                    suback[1] = (byte) (3 + filters);
                    suback[2] = body[0];
                    suback[3] = body[1];
                    java.util.Arrays.fill(suback, 5, suback.length, (byte) 1);
                    write(socket, suback);
                    subscribed.put(client, socket);
                }
                case 12 -> write(socket, new byte[] {(byte) 0xd0, 0});
                default -> {
                    // Acknowledgements and farewells.
                }
            }
        }
    }

    /** MQTT 5, 3.1: name and level of the protocol, flags and keep-alive are ten bytes. */
    private static String clientId(ByteBuffer connect) {
        connect.position(10);
        int properties = connect.get();
        connect.position(connect.position() + properties);
        byte[] id = new byte[connect.getShort()];
        connect.get(id);
        return new String(id, StandardCharsets.UTF_8);
    }

    private void onPublish(Socket socket, int header, ByteBuffer packet) throws IOException {
        byte[] name = new byte[packet.getShort()];
        packet.get(name);
        String topic = new String(name, StandardCharsets.UTF_8);
        if ((header & 6) == 0) {
            return;
        }
        byte[] puback = {0x40, 2, packet.get(), packet.get()};
        synchronized (this) {
            publications.incrementAndGet();
            if ((header & 1) == 0) {
                topics.add(topic);
            }
            // What the agent says of itself is not what this broker is slow with.
            if (withholding && (header & 1) == 0) {
                owed.add(new Owed(socket, topic, puback));
                return;
            }
        }
        write(socket, puback);
    }

    private static int filters(ByteBuffer packet) {
        packet.getShort();
        int properties = packet.get();
        packet.position(packet.position() + properties);
        int filters = 0;
        while (packet.hasRemaining()) {
            int length = packet.getShort();
            packet.position(packet.position() + length + 1);
            filters++;
        }
        return filters;
    }

    private static int length(DataInputStream in) throws IOException {
        int length = 0;
        for (int shift = 0; ; shift += 7) {
            int digit = in.readUnsignedByte();
            length |= (digit & 127) << shift;
            if (digit < 128) {
                return length;
            }
        }
    }

    private static void write(Socket socket, byte[] packet) throws IOException {
        OutputStream out = socket.getOutputStream();
        synchronized (socket) {
            out.write(packet);
            out.flush();
        }
    }

    private interface Job {
        void run() throws IOException;
    }

    private static void start(Job job) {
        Thread thread = new Thread(
                () -> {
                    try {
                        job.run();
                    } catch (EOFException e) {
                        // The client left.
                    } catch (IOException e) {
                        // Closed by the test.
                    }
                },
                "slow-broker");
        thread.setDaemon(true);
        thread.start();
    }

    @Override
    public void close() throws IOException {
        server.close();
        hangUp();
    }
}
