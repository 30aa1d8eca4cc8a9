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
import java.util.stream.IntStream;

/**
 * Every port the platform listens on, all on 127.0.0.1. CoAP is UDP, the others are TCP.
 *
 * @param door for gateways of other machines, which may be open to the network
 * @param jobs where Flink listens
 */
public record Ports(int mqtt, GatewayDoor door, int coap, int http, int agentHttp, int postgres, JobPorts jobs) {
    private static final int MOST_PORT = 65_535;

    /** Ports that were free a moment ago, for tests and benchmarks beside a running platform. */
    public static Ports free() {
        List<Integer> p = free(13);
        return new Ports(
                p.get(0),
                new GatewayDoor(p.get(11), p.get(12)),
                p.get(1),
                p.get(2),
                p.get(3),
                p.get(4),
                new JobPorts.Apart(p.get(5), p.get(6), p.get(7), p.get(8), p.get(9), p.get(10)));
    }

    /** The same for jobs on a cluster. */
    public static Ports freeOfCluster() {
        List<Integer> p = free(8);
        return new Ports(
                p.get(0),
                new GatewayDoor(p.get(6), p.get(7)),
                p.get(1),
                p.get(2),
                p.get(3),
                p.get(4),
                new JobPorts.Cluster(
                        p.get(5), freeRow(JobPorts.Cluster.INTERNAL), freeRow(1 + JobPorts.Cluster.TASK_MANAGERS)));
    }

    private static List<Integer> free(int count) {
        Set<Integer> free = new HashSet<>();
        try {
            while (free.size() < count) {
                try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
                    free.add(socket.getLocalPort());
                }
            }
        } catch (IOException e) {
            throw new IllegalStateException("no free port on the loopback interface", e);
        }
        return new ArrayList<>(free);
    }

    /** The first of so many free ones. */
    private static int freeRow(int length) {
        while (true) {
            int first = free(1).get(0);
            if (first + length <= MOST_PORT
                    && IntStream.range(first, first + length)
                            .allMatch(port -> isFree(PortUse.tcp("a test", "none", port)))) {
                return first;
            }
        }
    }

    /** The same, but for what a look at the archive needs. */
    public Ports with(int otherMqtt, int otherPostgres) {
        return new Ports(otherMqtt, door, coap, http, agentHttp, otherPostgres, jobs);
    }

    /**
     * @param ownBroker whether the embedded broker will listen
     * @param ownDatabase whether the embedded PostgreSQL will listen
     * @throws StartException naming the first port that somebody else listens on, and the option that moves it
     */
    void requireFree(boolean ownBroker, boolean ownDatabase) throws StartException {
        List<PortUse> uses = new ArrayList<>(List.of(
                new PortUse("CoAP", "--coap-port", coap, true),
                PortUse.tcp("console and API", "--http-port", http),
                PortUse.tcp("enrolment of gateways", "--gateways-port", door.enrolment()),
                PortUse.tcp("agent metrics", "--agent-port", agentHttp)));
        uses.addAll(jobs.uses());
        if (ownBroker) {
            uses.add(0, PortUse.tcp("MQTT", "--mqtt-port", mqtt));
            uses.add(1, PortUse.tcp("MQTT over TLS", "--mqtts-port", door.mqtt()));
        }
        if (ownDatabase) {
            uses.add(PortUse.tcp("PostgreSQL", "--postgres-port", postgres));
        }
        for (PortUse use : uses) {
            if (!isFree(use)) {
                throw new StartException("port " + use.port() + " (" + use.what()
                        + ") is in use by another program; stop that, or choose another with " + use.option());
            }
        }
    }

    private static boolean isFree(PortUse use) {
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
