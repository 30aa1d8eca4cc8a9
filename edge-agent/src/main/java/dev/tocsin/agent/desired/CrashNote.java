package dev.tocsin.agent.desired;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** What the last run died of, where it knew: a crash is told apart from a kill and from a power cut by it. */
public final class CrashNote {
    private static final String NAME = "crashed";
    private static final int LONGEST = 400;

    private CrashNote() {}

    /** For a thread that dies and takes the process with it. */
    public static void leave(Path data, String thread, Throwable cause) {
        String text = "thread " + thread + ": " + cause;
        try {
            Files.writeString(data.resolve(NAME), text.length() > LONGEST ? text.substring(0, LONGEST) : text);
        } catch (IOException e) {
            // The log has it; without a note it counts as a run that just ended.
        }
    }

    /** The note of the last run, which is gone then; nothing where it left none. */
    public static @Nullable String take(Path data) throws IOException {
        Path note = data.resolve(NAME);
        if (!Files.exists(note)) {
            return null;
        }
        String text = Files.readString(note);
        Files.delete(note);
        return text;
    }
}
