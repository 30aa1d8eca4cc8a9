package dev.tocsin.profiles.wire;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketAddress;
import java.net.SocketException;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.SSLSocketFactory;
import org.jspecify.annotations.Nullable;

/**
 * A connection of the Paho client to an MQTT 5 broker, plain or by TLS, that reads ahead and gives the client only what
 * it can read, see {@link LegiblePackets}; one thread reads. See {@link PromptSockets}.
 */
public class PromptSocket extends Socket {
    private final @Nullable SSLSocketFactory tls;
    private @Nullable InputStream in;
    /** Written by connect, before anybody has a stream. */
    private volatile @Nullable SSLSocket secured;

    /** @param tls where the broker is to be spoken to by TLS, and has to prove the name that it is connected by */
    public PromptSocket(@Nullable SSLSocketFactory tls) {
        this.tls = tls;
    }

    @Override
    public void connect(SocketAddress broker) throws IOException {
        connect(broker, 0);
    }

    /** @param timeoutMs for the connection, and for each answer of the TLS handshake; 0 without end */
    @Override
    public void connect(SocketAddress broker, int timeoutMs) throws IOException {
        super.connect(broker, timeoutMs);
        if (tls == null) {
            return;
        }
        InetSocketAddress address = (InetSocketAddress) broker;
        try {
            SSLSocket layer =
                    (SSLSocket) tls.createSocket(new Plain(), address.getHostString(), address.getPort(), false);
            SSLParameters parameters = layer.getSSLParameters();
            parameters.setEndpointIdentificationAlgorithm("HTTPS");
            layer.setSSLParameters(parameters);
            setSoTimeout(timeoutMs);
            layer.startHandshake();
            setSoTimeout(0);
            secured = layer;
        } catch (IOException | RuntimeException e) {
            close();
            throw e;
        }
    }

    @Override
    public InputStream getInputStream() throws IOException {
        InputStream legible = in;
        if (legible == null) {
            SSLSocket layer = secured;
            legible = new LegiblePackets(layer == null ? super.getInputStream() : layer.getInputStream());
            in = legible;
        }
        return legible;
    }

    @Override
    public OutputStream getOutputStream() throws IOException {
        SSLSocket layer = secured;
        return layer == null ? super.getOutputStream() : layer.getOutputStream();
    }

    // close() ends the connection under the TLS layer, without its goodbye: that would wait behind a write which the
    // broker does not read. MQTT has a goodbye of its own.

    /** The connection as the TLS layer above it sees it. */
    private final class Plain extends Socket {
        @Override
        public InputStream getInputStream() throws IOException {
            return PromptSocket.super.getInputStream();
        }

        @Override
        public OutputStream getOutputStream() throws IOException {
            return PromptSocket.super.getOutputStream();
        }

        @Override
        public boolean isConnected() {
            return PromptSocket.this.isConnected();
        }

        @Override
        public boolean isClosed() {
            return PromptSocket.this.isClosed();
        }

        @Override
        public synchronized void setSoTimeout(int timeoutMs) throws SocketException {
            PromptSocket.this.setSoTimeout(timeoutMs);
        }

        @Override
        public synchronized int getSoTimeout() throws SocketException {
            return PromptSocket.this.getSoTimeout();
        }

        @Override
        public synchronized void close() throws IOException {
            PromptSocket.this.close();
        }
    }
}
