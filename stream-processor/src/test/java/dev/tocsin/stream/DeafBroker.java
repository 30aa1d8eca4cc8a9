package dev.tocsin.stream;

import dev.tocsin.stream.broker.BrokerAccess;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** Accepts connections and never says a word, as a broker that hangs or a port that is something else's. */
public final class DeafBroker implements AutoCloseable {
    private final ServerSocket server;
    private final List<Socket> accepted = new CopyOnWriteArrayList<>();

    public DeafBroker() throws IOException {
        server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        Thread thread = new Thread(this::accept, "deaf-broker");
        thread.setDaemon(true);
        thread.start();
    }

    public BrokerAccess access() {
        return new BrokerAccess("tcp://127.0.0.1:" + server.getLocalPort(), null, null);
    }

    public int accepted() {
        return accepted.size();
    }

    private void accept() {
        try {
            while (true) {
                accepted.add(server.accept());
            }
        } catch (IOException e) {
            // Closed.
        }
    }

    @Override
    public void close() throws IOException {
        server.close();
        for (Socket socket : accepted) {
            socket.close();
        }
    }
}
