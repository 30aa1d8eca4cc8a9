package dev.tocsin.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.tocsin.profiles.alert.AlertState;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.MulticastSocket;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** Shelly devices of the first generation, by datagrams that are written here byte for byte. */
class ShellyTest {
    private static final Duration SOON = Duration.ofSeconds(30);
    private static final String GROUP = "224.0.1.187";
    private static final String DRY = "{\"G\":[[0,9103,0],[0,3101,21.5],[0,6106,0],[0,3111,86]]}";
    private static final String WET = "{\"G\":[[0,9103,0],[0,3101,21.5],[0,6106,1],[0,3111,86]]}";
    private static final String FLOOD = "SHWT-1#EC64C9C1DA9A#2";
    private static final String DEVICE = "SHWT-1-EC64C9C1DA9A";

    @TempDir
    Path folder;

    @RegisterExtension
    final OneBroker one = new OneBroker();

    private final Cloud cloud = one.cloud;
    private int messageId;

    private AgentUnderTest agent(String... more) throws Exception {
        return one.openAgent(folder.resolve("agent"), more);
    }

    /** Not confirmable, code 0.30, /cit/s, and the three options. */
    private byte[] status(String device, int serial, String body) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        int id = ++messageId;
        out.write(new byte[] {0x50, 0x1E, (byte) (id >> 8), (byte) id});
        option(out, 11, "cit".getBytes(StandardCharsets.US_ASCII));
        option(out, 0, "s".getBytes(StandardCharsets.US_ASCII));
        option(out, 3332 - 11, device.getBytes(StandardCharsets.US_ASCII));
        option(out, 3412 - 3332, new byte[] {(byte) 0x96, 0x01});
        option(out, 3420 - 3412, new byte[] {(byte) (serial >> 8), (byte) serial});
        out.write(0xFF);
        out.write(body.getBytes(StandardCharsets.US_ASCII));
        return out.toByteArray();
    }

    /** RFC 7252 section 3.1. */
    private static void option(ByteArrayOutputStream out, int delta, byte[] value) throws IOException {
        out.write(nibble(delta) << 4 | nibble(value.length));
        extended(out, delta);
        extended(out, value.length);
        out.write(value);
    }

    private static int nibble(int number) {
        return number < 13 ? number : number < 269 ? 13 : 14;
    }

    private static void extended(ByteArrayOutputStream out, int number) {
        if (number >= 269) {
            out.write(number - 269 >> 8);
            out.write(number - 269);
        } else if (number >= 13) {
            out.write(number - 13);
        }
    }

    private static void send(int port, byte[] datagram) throws IOException {
        try (DatagramSocket socket = new DatagramSocket()) {
            socket.send(new DatagramPacket(datagram, datagram.length, InetAddress.getLoopbackAddress(), port));
        }
    }

    private long floodReadings() {
        return cloud.bySequence.values().stream()
                .filter(reading ->
                        reading.device().equals(DEVICE) && reading.metric().equals("flood"))
                .count();
    }

    @Test
    void aStatusThatIsSentToTheGatewayItselfIsReadOnceForEachSerial() throws Exception {
        try (AgentUnderTest agent = agent()) {
            send(agent.coapPort, status(FLOOD, 7, DRY));
            await().atMost(SOON).until(() -> floodReadings() == 1);
            for (int i = 0; i < 3; i++) {
                send(agent.coapPort, status(FLOOD, 7, DRY));
            }
            await().atMost(SOON).until(() -> agent.sum("tocsin_agent_coiot_repeated_statuses_total") == 3);
            send(agent.coapPort, status(FLOOD, 8, WET));
            await().atMost(SOON).until(() -> floodReadings() == 2);
            // Restarted: the serial begins anew, and what it says is new all the same.
            send(agent.coapPort, status(FLOOD, 8, DRY));
            await().atMost(SOON).until(() -> floodReadings() == 3);
            await().atMost(SOON)
                    .untilAsserted(() -> assertThat(cloud.alerts)
                            .anyMatch(alert -> alert.rule().equals("shelly-flood/leak")));
        }
    }

    @Test
    void aStatusThatTheDiskDidNotTakeIsStoredWhenTheDeviceRepeatsIt() throws Exception {
        try (SmallDisk disk = new SmallDisk(folder.resolve("disk"), "8m");
                AgentUnderTest agent = one.openAgent(disk.folder.resolve("data"))) {
            disk.fill();
            send(agent.coapPort, status(FLOOD, 7, DRY));
            await().atMost(SOON).until(() -> !agent.health().contains("\"spool\":\"ok\""));
            send(agent.coapPort, status(FLOOD, 8, WET));
            await().atMost(SOON).until(() -> heard("shelly-flood/leak", AlertState.ACTIVE));
            disk.empty();
            await().atMost(SOON).until(() -> heard("gateway/disk", AlertState.CLEARED));
            send(agent.coapPort, status(FLOOD, 8, WET));
            await().atMost(SOON).until(() -> floodReadings() == 2);
        }
    }

    private boolean heard(String rule, AlertState state) {
        synchronized (cloud.alerts) {
            return cloud.alerts.stream().anyMatch(alert -> alert.rule().endsWith(rule) && alert.state() == state);
        }
    }

    @Test
    void whatIsNoStatusIsKeptAsRejectedAndNobodyFallsOverIt() throws Exception {
        try (AgentUnderTest agent = agent()) {
            send(agent.coapPort, status("SHXX-1#A1#2", 1, DRY));
            send(agent.coapPort, status("", 1, DRY));
            send(agent.coapPort, status("SHHT-1#A1#2", 1, "{\"G\":1}"));
            await().atMost(SOON).untilAsserted(() -> {
                assertThat(cloud.rejected).hasSize(3);
                assertThat(cloud.rejected).anyMatch(json -> json.contains("coiot:SHXX-1-A1"));
                assertThat(cloud.rejected).anyMatch(json -> json.contains("MALFORMED"));
            });
            send(agent.coapPort, status(FLOOD, 7, DRY));
            await().atMost(SOON).until(() -> floodReadings() == 1);
        }
    }

    @Test
    void aStatusThatIsSentToTheGroupIsHeard() throws Exception {
        NetworkInterface where = interfaceWithMulticast();
        assumeTrue(where != null, "no network interface takes part in multicast here");
        int port = freePort();
        try (AgentUnderTest agent = agent("--coap.multicast=" + where.getName(), "--coap.multicast-port=" + port)) {
            assumeTrue(agent.sum("tocsin_agent_coiot_group_refused") == 0, "the group cannot be joined on " + where);
            sendToGroup(where, port, status(FLOOD, 7, DRY));
            await().atMost(SOON).until(() -> floodReadings() == 1);
        }
    }

    @Test
    void anAgentThatListensOnEveryAddressSharesThePortWithTheGroupAndHearsAStatusOnce() throws Exception {
        NetworkInterface where = interfaceWithMulticast();
        assumeTrue(where != null, "no network interface takes part in multicast here");
        int port = freePort();
        try (AgentUnderTest agent = agent(
                "--bind=0.0.0.0",
                "--coap.port=" + port,
                "--coap.multicast=" + where.getName(),
                "--coap.multicast-port=" + port)) {
            assumeTrue(agent.sum("tocsin_agent_coiot_group_refused") == 0, "the group cannot be joined on " + where);
            for (int serial = 1; serial <= 5; serial++) {
                sendToGroup(where, port, status(FLOOD, serial, DRY));
            }
            send(agent.coapPort, status(FLOOD, 6, WET));
            await().atMost(SOON).until(() -> floodReadings() == 6);
        }
    }

    private static void sendToGroup(NetworkInterface where, int port, byte[] datagram) throws IOException {
        try (MulticastSocket socket = new MulticastSocket()) {
            socket.setNetworkInterface(where);
            socket.send(new DatagramPacket(datagram, datagram.length, InetAddress.getByName(GROUP), port));
        }
    }

    @Test
    void aGroupThatCannotBeJoinedIsSaidAndNothingElseSuffers() throws Exception {
        try (AgentUnderTest agent = agent("--coap.multicast=nosuch0")) {
            assertThat(agent.sum("tocsin_agent_coiot_group_refused")).isEqualTo(1);
            send(agent.coapPort, status(FLOOD, 7, DRY));
            await().atMost(SOON).until(() -> floodReadings() == 1);
        }
    }

    private static int freePort() throws SocketException {
        try (DatagramSocket socket = new DatagramSocket(0)) {
            return socket.getLocalPort();
        }
    }

    private static NetworkInterface interfaceWithMulticast() throws SocketException {
        return NetworkInterface.networkInterfaces()
                .filter(ShellyTest::takesPart)
                .findFirst()
                .orElse(null);
    }

    private static boolean takesPart(NetworkInterface one) {
        try {
            return one.isUp()
                    && one.supportsMulticast()
                    && one.inetAddresses().anyMatch(address -> address.getAddress().length == 4);
        } catch (SocketException e) {
            return false;
        }
    }
}
