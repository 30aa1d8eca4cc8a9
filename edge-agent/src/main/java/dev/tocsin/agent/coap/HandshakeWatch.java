package dev.tocsin.agent.coap;

import dev.tocsin.agent.coap.CoapMetrics.Refusal;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.eclipse.californium.elements.auth.PreSharedKeyIdentity;
import org.eclipse.californium.scandium.ConnectionListener;
import org.eclipse.californium.scandium.dtls.AlertMessage;
import org.eclipse.californium.scandium.dtls.AlertMessage.AlertDescription;
import org.eclipse.californium.scandium.dtls.AlertMessage.AlertLevel;
import org.eclipse.californium.scandium.dtls.Connection;
import org.eclipse.californium.scandium.dtls.ConnectionEvictedException;
import org.eclipse.californium.scandium.dtls.ConnectionId;
import org.eclipse.californium.scandium.dtls.DtlsHandshakeTimeoutException;
import org.eclipse.californium.scandium.dtls.HandshakeException;
import org.eclipse.californium.scandium.dtls.Handshaker;
import org.eclipse.californium.scandium.dtls.SessionAdapter;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Counts handshakes and sessions of the server. Safe for any thread. */
final class HandshakeWatch extends SessionAdapter implements ConnectionListener {
    private static final Logger LOG = LoggerFactory.getLogger(HandshakeWatch.class);

    private final CoapMetrics metrics;
    /** Bounded as the connector's connections are. */
    private final Set<ConnectionId> sessions = ConcurrentHashMap.newKeySet();
    /** Bounded likewise. */
    private final Map<ConnectionId, Handshaker> running = new ConcurrentHashMap<>();

    HandshakeWatch(CoapMetrics metrics) {
        this.metrics = metrics;
    }

    /** Established ones. */
    int sessions() {
        return sessions.size();
    }

    /**
     * Ends a handshake of somebody whom nobody knows. The library drops such a message and answers nothing, so that
     * nobody can find out who is known, and would keep the handshake until it times out: half a minute of a session's
     * place for whoever makes up a name.
     */
    void refuse(ConnectionId id) {
        Handshaker handshaker = running.get(id);
        if (handshaker != null) {
            AlertMessage alert = new AlertMessage(AlertLevel.FATAL, AlertDescription.UNKNOWN_PSK_IDENTITY);
            HandshakeException cause = new HandshakeException("nobody has this identity", alert);
            handshaker.getConnection().getExecutor().execute(() -> handshaker.handshakeFailed(cause));
        }
    }

    @Override
    public void handshakeStarted(Handshaker handshaker) {
        running.put(handshaker.getConnection().getConnectionId(), handshaker);
    }

    @Override
    public void handshakeCompleted(Handshaker handshaker) {
        running.remove(handshaker.getConnection().getConnectionId());
        metrics.handshakes.increment();
    }

    @Override
    public void handshakeFailed(Handshaker handshaker, Throwable error) {
        running.remove(handshaker.getConnection().getConnectionId());
        Refusal reason = reason(handshaker, error);
        metrics.refused(reason);
        LOG.debug("handshake refused, {}: {}", reason, error.getMessage());
    }

    private static Refusal reason(Handshaker handshaker, Throwable error) {
        if (error instanceof DtlsHandshakeTimeoutException) {
            // What was encrypted with another key cannot be told from noise: nothing came that could be read.
            boolean keyed = handshaker.getDtlsContext().getSession().getPeerIdentity() instanceof PreSharedKeyIdentity;
            return keyed ? Refusal.WRONG_KEY : Refusal.TIMEOUT;
        }
        if (error instanceof ConnectionEvictedException) {
            return Refusal.EVICTED;
        }
        return error instanceof HandshakeException handshake
                ? reason(handshake.getAlert().getDescription())
                : Refusal.OTHER;
    }

    private static Refusal reason(AlertDescription alert) {
        return switch (alert) {
            case UNKNOWN_PSK_IDENTITY -> Refusal.UNKNOWN_IDENTITY;
            case DECRYPT_ERROR, BAD_RECORD_MAC -> Refusal.WRONG_KEY;
            case BAD_CERTIFICATE,
                    UNSUPPORTED_CERTIFICATE,
                    CERTIFICATE_REVOKED,
                    CERTIFICATE_EXPIRED,
                    CERTIFICATE_UNKNOWN,
                    NO_CERTIFICATE_RESERVED,
                    UNKNOWN_CA -> Refusal.CERTIFICATE;
            case HANDSHAKE_FAILURE, INSUFFICIENT_SECURITY, PROTOCOL_VERSION -> Refusal.NO_COMMON_CIPHER;
            default -> Refusal.OTHER;
        };
    }

    @Override
    public void onConnectionEstablished(Connection connection) {
        sessions.add(connection.getConnectionId());
    }

    @Override
    public void onConnectionRemoved(Connection connection) {
        // Also of connections that never came to be established.
        sessions.remove(connection.getConnectionId());
    }

    @Override
    public boolean onConnectionUpdatesSequenceNumbers(Connection connection, boolean writeSequenceNumber) {
        return false;
    }

    @Override
    public boolean onConnectionMacError(Connection connection) {
        return false;
    }

    @Override
    public void beforeExecution(Connection connection) {
        // Nothing to prepare.
    }

    @Override
    public void updateExecution(Connection connection) {
        // Nothing to note.
    }

    @Override
    public void afterExecution(Connection connection) {
        // Nothing to undo.
    }
}
