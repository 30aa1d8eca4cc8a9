package dev.tocsin.profiles.wire;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import org.jspecify.annotations.Nullable;

/** A socket that reads ahead; one thread reads. See {@link PromptSockets}. */
public class PromptSocket extends Socket {
    private static final int READ_AHEAD_BYTES = 16 * 1024;

    private @Nullable InputStream in;

    @Override
    public InputStream getInputStream() throws IOException {
        InputStream buffered = in;
        if (buffered == null) {
            buffered = new BufferedInputStream(super.getInputStream(), READ_AHEAD_BYTES);
            in = buffered;
        }
        return buffered;
    }
}
