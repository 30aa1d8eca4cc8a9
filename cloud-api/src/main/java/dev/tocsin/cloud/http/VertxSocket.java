package dev.tocsin.cloud.http;

import io.vertx.core.http.ServerWebSocket;
import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;

/** A {@link Socket} on Vert.x. */
final class VertxSocket implements Socket {
    private static final int TOO_BIG = 1009;

    private final ServerWebSocket socket;
    private final int maxFrameBytes;
    private long pendingBytes;

    /** @param maxFrameBytes the longest text that a client may send */
    VertxSocket(ServerWebSocket socket, int maxFrameBytes) {
        this.socket = socket;
        this.maxFrameBytes = maxFrameBytes;
    }

    @Override
    public void send(String text) {
        if (socket.isClosed()) {
            return;
        }
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        pendingBytes += bytes.length;
        socket.writeTextMessage(text).onComplete(written -> pendingBytes -= bytes.length);
    }

    @Override
    public long pendingBytes() {
        return pendingBytes;
    }

    @Override
    public void close(int code, String reason) {
        if (!socket.isClosed()) {
            socket.close((short) code, reason);
        }
    }

    @Override
    public void onText(Consumer<String> listener) {
        socket.textMessageHandler(text -> {
            if (text.length() > maxFrameBytes) {
                close(TOO_BIG, "frames are at most " + maxFrameBytes + " bytes");
            } else {
                listener.accept(text);
            }
        });
    }

    @Override
    public void onClose(Runnable listener) {
        socket.closeHandler(closed -> listener.run());
    }
}
