package dev.tocsin.agent;

import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;

/** A network address translator for one device: what the server sees of it is a port here, and that can change. */
final class Nat implements AutoCloseable {
    private final DatagramSocket inside = new DatagramSocket(0, InetAddress.getLoopbackAddress());
    private final InetSocketAddress server;
    private volatile DatagramSocket outside;
    private volatile SocketAddress device;

    Nat(int serverPort) throws IOException {
        server = new InetSocketAddress(InetAddress.getLoopbackAddress(), serverPort);
        outside = listen();
        daemon(() -> {
            DatagramPacket packet = receive(inside);
            device = packet.getSocketAddress();
            packet.setSocketAddress(server);
            outside.send(packet);
        });
    }

    private interface Step {
        void run() throws IOException;
    }

    private DatagramSocket listen() throws IOException {
        DatagramSocket socket = new DatagramSocket(0, InetAddress.getLoopbackAddress());
        daemon(() -> {
            DatagramPacket packet = receive(socket);
            packet.setSocketAddress(device);
            inside.send(packet);
        });
        return socket;
    }

    private static DatagramPacket receive(DatagramSocket socket) throws IOException {
        DatagramPacket packet = new DatagramPacket(new byte[65_535], 65_535);
        socket.receive(packet);
        return packet;
    }

    private static void daemon(Step step) {
        Thread thread = new Thread(() -> {
            try {
                while (true) {
                    step.run();
                }
            } catch (IOException e) {
                // Closed.
            }
        });
        thread.setDaemon(true);
        thread.start();
    }

    int port() {
        return inside.getLocalPort();
    }

    /** From now on the device comes from another port; what is sent to the old one gets lost. */
    void rebind() throws IOException {
        DatagramSocket old = outside;
        outside = listen();
        old.close();
    }

    @Override
    public void close() {
        inside.close();
        outside.close();
    }
}
