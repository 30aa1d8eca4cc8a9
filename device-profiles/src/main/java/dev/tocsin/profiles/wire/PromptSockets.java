package dev.tocsin.profiles.wire;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.function.Supplier;
import javax.net.SocketFactory;
import org.jspecify.annotations.Nullable;

/**
 * TCP sockets for the Paho client that send at once and read ahead. The client leaves Nagle's algorithm on: a small packet
 * then waits for the receipt of the one before it, which the other side may hold back for 40 ms. And it reads the header
 * of a packet byte by byte: without a buffer three calls to the system for each message. And some messages end its
 * receiving thread, see {@link LegiblePackets}. Thread-safe.
 */
public final class PromptSockets extends SocketFactory {
    private static final PromptSockets TCP = new PromptSockets(PromptSocket::new);
    private static final String PLAIN = "tcp://";

    private final Supplier<? extends PromptSocket> sockets;

    /** @param sockets makes each socket, where one of a further kind is wanted */
    public PromptSockets(Supplier<? extends PromptSocket> sockets) {
        this.sockets = sockets;
    }

    /** For a client of this broker; absent where the client has to make sockets of another kind by itself. */
    public static @Nullable SocketFactory of(String brokerUrl) {
        return brokerUrl.startsWith(PLAIN) ? TCP : null;
    }

    @Override
    public Socket createSocket() throws IOException {
        Socket socket = sockets.get();
        socket.setTcpNoDelay(true);
        return socket;
    }

    @Override
    public Socket createSocket(String host, int port) throws IOException {
        return connect(new InetSocketAddress(host, port), null);
    }

    @Override
    public Socket createSocket(String host, int port, InetAddress localHost, int localPort) throws IOException {
        return connect(new InetSocketAddress(host, port), new InetSocketAddress(localHost, localPort));
    }

    @Override
    public Socket createSocket(InetAddress host, int port) throws IOException {
        return connect(new InetSocketAddress(host, port), null);
    }

    @Override
    public Socket createSocket(InetAddress host, int port, InetAddress localHost, int localPort) throws IOException {
        return connect(new InetSocketAddress(host, port), new InetSocketAddress(localHost, localPort));
    }

    private Socket connect(InetSocketAddress to, @Nullable InetSocketAddress from) throws IOException {
        Socket socket = createSocket();
        try {
            if (from != null) {
                socket.bind(from);
            }
            socket.connect(to);
            return socket;
        } catch (IOException e) {
            socket.close();
            throw e;
        }
    }
}
