package dev.tocsin.standalone.broker;

import dev.tocsin.profiles.config.Settings;
import java.nio.file.Path;

/**
 * The configuration of the broker's process.
 *
 * @param listen address to listen on
 * @param dataFolder journal, pages and sessions
 * @param usersFile see {@link dev.tocsin.standalone.broker.access.Credentials}
 * @param tls the second listener
 * @param memoryMiB messages held in memory, all topics together; what is more goes to pages on the disk
 * @param topicMemoryMiB the same for one subscription filter, so that one lane's backlog leaves the others in memory
 * @param diskLimitPercent of the disk in use, from which publishers are refused (and keep what they have) instead of
 *     acknowledged; -1 for no limit
 */
public record BrokerSettings(
        String listen,
        int port,
        Path dataFolder,
        Path usersFile,
        Tls tls,
        int memoryMiB,
        int topicMemoryMiB,
        int diskLimitPercent) {

    /**
     * The second listener, for gateways on other machines and whoever else speaks TLS.
     *
     * @param port -1 for none
     * @param identities folder of {@code server.pem} and {@code ca.pem}, and of what the API says of who is let in
     */
    public record Tls(String listen, int port, Path identities) {
        boolean isOn() {
            return port >= 0;
        }
    }

    /** Settings for a broker on this machine; everything else by default. */
    public static BrokerSettings local(int port, Path dataFolder, Path usersFile) {
        Tls none = new Tls("127.0.0.1", -1, dataFolder.resolveSibling("identities"));
        return new BrokerSettings("127.0.0.1", port, dataFolder, usersFile, none, 256, 32, 98);
    }

    static BrokerSettings from(Settings settings) {
        Path data = settings.path("data", "data");
        BrokerSettings read = new BrokerSettings(
                settings.text("listen", "127.0.0.1"),
                settings.integer("port", "TCP port", 1883, 1, 65_535),
                data.resolve("broker"),
                settings.path("users", data.resolve("credentials/broker-users").toString()),
                new Tls(
                        settings.text("tls.listen", "127.0.0.1"),
                        settings.integer("tls.port", "TCP port", -1, -1, 65_535),
                        settings.path("identities", data.resolve("identities").toString())),
                settings.integer("memory", "MiB", 256, 16, 65_536),
                settings.integer("memory.topic", "MiB", 32, 1, 65_536),
                settings.integer("disk.limit", "percent", 98, -1, 100));
        settings.finish();
        return read;
    }
}
