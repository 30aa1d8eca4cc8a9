package dev.tocsin.agent.update;

import dev.tocsin.agent.observe.LocalHttp;
import dev.tocsin.profiles.desired.DesiredJson;
import java.io.IOException;
import java.io.InputStream;
import java.net.HttpURLConnection;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Looks at a version on trial from outside, once a second, until it has proved itself or failed. The launcher runs it
 * from the version that is good, so that nobody says of himself that he is well.
 */
public final class Probe {
    private static final long LOOK_EVERY_MS = 1_000;
    private static final int ANSWER_MS = 2_000;
    /** A long collection or a slow disk is no failure yet. */
    private static final int MISSES = 3;

    private final int port;
    private final String version;
    private final long pid;

    /**
     * @param port of its health
     * @param version that must answer there
     * @param pid of its process
     */
    public Probe(int port, String version, long pid) {
        this.port = port;
        this.version = version;
        this.pid = pid;
    }

    /**
     * Well is: healthy, and connected to the cloud, without which no order would ever come again.
     *
     * @param within in which it must become well
     * @param stay in which it must then stay healthy; a connection may break meanwhile
     * @return what is wrong; null when nothing is
     */
    public @Nullable String watch(Duration within, Duration stay) throws InterruptedException {
        long wellUntil = System.nanoTime() + within.toNanos();
        String wrong = look(true);
        while (wrong != null) {
            if (hasEnded()) {
                return "version " + version + " ended by itself";
            }
            if (System.nanoTime() - wellUntil > 0) {
                return "not well within " + within.toSeconds() + " s: " + wrong;
            }
            Thread.sleep(LOOK_EVERY_MS);
            wrong = look(true);
        }
        long stayUntil = System.nanoTime() + stay.toNanos();
        int misses = 0;
        while (System.nanoTime() - stayUntil < 0) {
            Thread.sleep(LOOK_EVERY_MS);
            if (hasEnded()) {
                return "version " + version + " ended by itself";
            }
            wrong = look(false);
            misses = wrong == null ? 0 : misses + 1;
            if (misses == MISSES) {
                return "did not stay well for " + stay.toSeconds() + " s: " + wrong;
            }
        }
        return misses == 0 ? null : "was not well at the end: " + wrong;
    }

    private @Nullable String look(boolean connected) {
        LocalHttp.Health health;
        try {
            health = health(port, ANSWER_MS);
        } catch (IOException | IllegalArgumentException e) {
            return e.toString();
        }
        Object answering = health.parts().get("version");
        if (!version.equals(answering)) {
            return "version " + answering + " answers instead of " + version;
        }
        if (!health.healthy()) {
            return "it is not healthy: " + health.parts().get("spool");
        }
        Object uplink = health.parts().get("uplink");
        return connected && !"ok".equals(uplink) ? "its connection to the cloud is " + uplink : null;
    }

    /**
     * What an agent on this machine says of itself.
     *
     * @throws IOException when none answers
     * @throws IllegalArgumentException when the answer is not an agent's
     */
    public static LocalHttp.Health health(int port, int patienceMs) throws IOException {
        HttpURLConnection connection =
                (HttpURLConnection) new URL("http://127.0.0.1:" + port + "/health").openConnection();
        connection.setConnectTimeout(patienceMs);
        connection.setReadTimeout(patienceMs);
        int status = connection.getResponseCode();
        try (InputStream in = status < 400 ? connection.getInputStream() : connection.getErrorStream()) {
            if (in == null) {
                throw new IOException("port " + port + " answers " + status);
            }
            return DesiredJson.read(in.readNBytes(1 << 20), LocalHttp.Health.class);
        } finally {
            connection.disconnect();
        }
    }

    /** A process that ended stays in the table until the launcher, which waits for this probe, has asked for it. */
    private boolean hasEnded() {
        try {
            String stat = Files.readString(Path.of("/proc", Long.toString(pid), "stat"));
            return stat.startsWith("Z", stat.lastIndexOf(')') + 2);
        } catch (IOException e) {
            return true;
        }
    }
}
