package dev.tocsin.profiles.wire;

import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import org.jspecify.annotations.Nullable;

/**
 * A connection of the Paho client to an MQTT 5 broker that reads ahead and gives the client only what it can read, see
 * {@link LegiblePackets}; one thread reads. See {@link PromptSockets}.
 */
public class PromptSocket extends Socket {
    private @Nullable InputStream in;

    @Override
    public InputStream getInputStream() throws IOException {
        InputStream legible = in;
        if (legible == null) {
            legible = new LegiblePackets(super.getInputStream());
            in = legible;
        }
        return legible;
    }
}
