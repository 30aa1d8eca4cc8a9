package dev.tocsin.cloud.live;

import dev.tocsin.cloud.http.Caller;
import dev.tocsin.cloud.http.Socket;

/** One connected console; compared by identity. */
final class LiveClient {
    private final Caller caller;
    private final Socket socket;

    LiveClient(Caller caller, Socket socket) {
        this.caller = caller;
        this.socket = socket;
    }

    Caller caller() {
        return caller;
    }

    Socket socket() {
        return socket;
    }
}
