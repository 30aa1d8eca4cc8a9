package dev.tocsin.cloud.http;

import java.util.function.Consumer;

/** One open WebSocket. For the event loop only. */
public interface Socket {
    void send(String text);

    /** Bytes that were sent and that the client has not taken yet. */
    long pendingBytes();

    void close(int code, String reason);

    void onText(Consumer<String> listener);

    void onClose(Runnable listener);
}
