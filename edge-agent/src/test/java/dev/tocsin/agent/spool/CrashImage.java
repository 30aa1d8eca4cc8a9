package dev.tocsin.agent.spool;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The files of a spool as a machine finds them that had no power for a while. The log is as SQLite describes it ("WAL file
 * format"): 32 bytes of header with the page size at 8 and two salts at 16; frames of 24 bytes and a page, with the number of
 * pages at 4 in the last of a commit, and the salts at 8. Nothing of it outlives the power but what was forced.
 */
final class CrashImage {
    static final String NAME = "spool.db";
    static final int LOG_HEADER = 32;
    private static final int FRAME_HEADER = 24;
    private static final int SALTS_AT = 16;
    private static final int FRAME_SALTS_AT = 8;
    private static final String LOG = "-wal";

    /** By what follows the name of the file. */
    private final Map<String, byte[]> parts;

    private CrashImage(Map<String, byte[]> parts) {
        this.parts = parts;
    }

    /** Nobody may write meanwhile. */
    static CrashImage of(Path folder) {
        Map<String, byte[]> parts = new TreeMap<>();
        try {
            for (String part : List.of("", LOG, "-journal", ".lock")) {
                Path file = folder.resolve(NAME + part);
                if (Files.exists(file)) {
                    parts.put(part, Files.readAllBytes(file));
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return new CrashImage(parts);
    }

    /** Into a folder of its own. */
    Path into(Path folder) throws IOException {
        Files.createDirectories(folder);
        for (Map.Entry<String, byte[]> part : parts.entrySet()) {
            Files.write(folder.resolve(NAME + part.getKey()), part.getValue());
        }
        return folder.resolve(NAME);
    }

    private CrashImage with(String part, byte[] bytes) {
        Map<String, byte[]> changed = new TreeMap<>(parts);
        changed.put(part, bytes);
        return new CrashImage(changed);
    }

    CrashImage withLog(byte[] log) {
        return with(LOG, log);
    }

    CrashImage withFile(byte[] file) {
        return with("", file);
    }

    /** No opening of the spool was ever finished. */
    CrashImage withoutMark() {
        return with(".lock", new byte[0]);
    }

    byte[] file() {
        return parts.getOrDefault("", new byte[0]);
    }

    byte[] log() {
        return parts.getOrDefault(LOG, new byte[0]);
    }

    int pageBytes() {
        return ByteBuffer.wrap(log()).getInt(8);
    }

    int frameBytes() {
        return FRAME_HEADER + pageBytes();
    }

    boolean isOfSameLogAs(CrashImage other) {
        return Arrays.equals(log(), SALTS_AT, SALTS_AT + 8, other.log(), SALTS_AT, SALTS_AT + 8);
    }

    /** Where the frames end that were written since the log began anew. */
    int end() {
        int at = LOG_HEADER;
        while (at + frameBytes() <= log().length
                && Arrays.equals(log(), SALTS_AT, SALTS_AT + 8, log(), at + FRAME_SALTS_AT, at + FRAME_SALTS_AT + 8)) {
            at += frameBytes();
        }
        return at;
    }

    /** The frames between two places of the log. */
    List<Integer> frames(int from, int to) {
        List<Integer> frames = new ArrayList<>();
        for (int at = from; at < to; at += frameBytes()) {
            frames.add(at);
        }
        return frames;
    }
}
