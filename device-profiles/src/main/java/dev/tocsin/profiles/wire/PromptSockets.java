package dev.tocsin.profiles.wire;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.util.function.Supplier;
import javax.net.SocketFactory;
import javax.net.ssl.SSLSocketFactory;
import org.jspecify.annotations.Nullable;

/**
 * Sockets for the Paho client that send at once, read ahead and give it only what it can read. The client leaves Nagle's
 * algorithm on: a small packet then waits for the receipt of the one before it, which the other side may hold back for
 * 40 ms. It reads the header of a packet byte by byte: without a buffer three calls to the system for each message. And
 * some messages end its receiving thread, see {@link LegiblePackets}. Over TLS too: the client, which would make sockets
 * of its own for {@code ssl://}, is told {@code tcp://}, see {@link #clientUrl}, and the socket speaks TLS by itself.
 * Thread-safe.
 */
public final class PromptSockets extends SocketFactory {
    private static final String TLS = "ssl://";
    private static final int TLS_PORT = 8883;

    private final Supplier<? extends PromptSocket> sockets;

    /** @param sockets makes each socket, where one of a further kind is wanted */
    public PromptSockets(Supplier<? extends PromptSocket> sockets) {
        this.sockets = sockets;
    }

    /**
     * For a client of this broker; over TLS with the authorities that the Java runtime trusts.
     *
     * @param brokerUrl {@code tcp://host:port} or {@code ssl://host:port}
     */
    public static PromptSockets of(String brokerUrl) {
        SSLSocketFactory tls = brokerUrl.startsWith(TLS) ? (SSLSocketFactory) SSLSocketFactory.getDefault() : null;
        return new PromptSockets(() -> new PromptSocket(tls));
    }

    /** The broker's URL as the client has to be given it, with sockets of this kind. */
    public static String clientUrl(String brokerUrl) {
        if (!brokerUrl.startsWith(TLS)) {
            return brokerUrl;
        }
        String plain = "tcp://" + brokerUrl.substring(TLS.length());
        return URI.create(brokerUrl).getPort() < 0 ? plain + ":" + TLS_PORT : plain;
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
