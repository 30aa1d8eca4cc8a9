package dev.tocsin.standalone.platform;

import java.io.IOException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Every port the platform listens on, all on 127.0.0.1. CoAP is UDP, the others are TCP.
 *
 * @param alarmRest Flink's REST interface of the alarm job
 * @param alarmBlob Flink's file server of the alarm job, which its mini cluster always opens
 * @param alarmMetrics Prometheus of the alarm job
 */
public record Ports(
        int mqtt,
        int coap,
        int http,
        int agentHttp,
        int alarmMetrics,
        int archiveMetrics,
        int alarmRest,
        int archiveRest,
        int alarmBlob,
        int archiveBlob,
        int postgres) {

    /** What a machine with one platform uses. */
    public static final Ports DEFAULT = new Ports(1883, 5683, 8080, 9464, 9249, 9250, 8081, 8082, 8091, 8092, 5433);

    private record Use(String what, String option, int port, boolean udp) {}

    /** Eleven ports that were free a moment ago, for tests and benchmarks beside a running platform. */
    public static Ports free() {
        Set<Integer> free = new HashSet<>();
        try {
            while (free.size() < 11) {
                try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
                    free.add(socket.getLocalPort());
                }
            }
        } catch (IOException e) {
            throw new IllegalStateException("no free port on the loopback interface", e);
        }
        List<Integer> p = new ArrayList<>(free);
        return new Ports(
                p.get(0), p.get(1), p.get(2), p.get(3), p.get(4), p.get(5), p.get(6), p.get(7), p.get(8), p.get(9),
                p.get(10));
    }

    /** The same, but for what a look at the archive needs. */
    public Ports with(int otherMqtt, int otherPostgres) {
        return new Ports(
                otherMqtt,
                coap,
                http,
                agentHttp,
                alarmMetrics,
                archiveMetrics,
                alarmRest,
                archiveRest,
                alarmBlob,
                archiveBlob,
                otherPostgres);
    }

    /**
     * @param ownBroker whether the embedded broker will listen
     * @param ownDatabase whether the embedded PostgreSQL will listen
     * @throws StartException naming the first port that somebody else listens on, and the option that moves it
     */
    void requireFree(boolean ownBroker, boolean ownDatabase) throws StartException {
        List<Use> uses = new ArrayList<>(List.of(
                new Use("CoAP", "--coap-port", coap, true),
                new Use("console and API", "--http-port", http, false),
                new Use("agent metrics", "--agent-port", agentHttp, false),
                new Use("alarm job metrics", "--alarm-metrics-port", alarmMetrics, false),
                new Use("archive job metrics", "--archive-metrics-port", archiveMetrics, false),
                new Use("Flink REST of the alarm job", "--alarm-rest-port", alarmRest, false),
                new Use("Flink REST of the archive job", "--archive-rest-port", archiveRest, false),
                new Use("Flink files of the alarm job", "--alarm-blob-port", alarmBlob, false),
                new Use("Flink files of the archive job", "--archive-blob-port", archiveBlob, false)));
        if (ownBroker) {
            uses.add(0, new Use("MQTT", "--mqtt-port", mqtt, false));
        }
        if (ownDatabase) {
            uses.add(new Use("PostgreSQL", "--postgres-port", postgres, false));
        }
        for (Use use : uses) {
            if (!isFree(use)) {
                throw new StartException("port " + use.port() + " (" + use.what()
                        + ") is in use by another program; stop that, or choose another with " + use.option());
            }
        }
    }

    private static boolean isFree(Use use) {
        InetSocketAddress address = new InetSocketAddress(InetAddress.getLoopbackAddress(), use.port());
        if (use.udp()) {
            try (DatagramSocket socket = new DatagramSocket(address)) {
                return socket.isBound();
            } catch (IOException e) {
                return false;
            }
        }
        try (ServerSocket socket = new ServerSocket()) {
            socket.setReuseAddress(true);
            socket.bind(address);
            return true;
        } catch (IOException e) {
            return false;
        }
    }
}
