package dev.tocsin.stream;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import kafka.server.KafkaConfig;
import kafka.server.KafkaRaftServer;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.utils.Time;
import org.apache.kafka.metadata.storage.Formatter;

/** A real Kafka, broker and controller in one process, to be killed like one and started again with what it holds. */
public final class TestKafka implements AutoCloseable {
    private static final String TOPIC = "uplink";

    private final Path folder;
    private final int port;
    private final int controllerPort;
    private Process process;
    private KafkaProducer<byte[], byte[]> producer;

    /** Not running yet. */
    public TestKafka(Path folder) throws IOException {
        this.folder = Files.createDirectories(folder);
        try (ServerSocket broker = free();
                ServerSocket controller = free()) {
            port = broker.getLocalPort();
            controllerPort = controller.getLocalPort();
        }
    }

    private static ServerSocket free() throws IOException {
        return new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
    }

    public String servers() {
        return "127.0.0.1:" + port;
    }

    public void start() throws IOException {
        process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx256m",
                        "-XX:+UseSerialGC",
                        "-XX:TieredStopAtLevel=1",
                        "-cp",
                        System.getProperty("java.class.path"),
                        TestKafka.class.getName(),
                        folder.toString(),
                        Integer.toString(port),
                        Integer.toString(controllerPort))
                .redirectError(folder.resolve("kafka.err").toFile())
                .start();
        BufferedReader lines =
                new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
        String line = lines.readLine();
        while (line != null && !line.equals("READY")) {
            line = lines.readLine();
        }
        if (line == null) {
            throw new IOException(Files.readString(folder.resolve("kafka.err")));
        }
    }

    public void kill() {
        process.destroyForcibly().onExit().join();
    }

    /** Returns when Kafka has it; makes the topic if need be. */
    public void send(byte[] key, byte[] value) throws Exception {
        if (producer == null) {
            producer = new KafkaProducer<>(
                    Map.of("bootstrap.servers", servers(), "reconnect.backoff.max.ms", "100"),
                    new ByteArraySerializer(),
                    new ByteArraySerializer());
        }
        producer.send(new ProducerRecord<>(TOPIC, key, value)).get();
    }

    /** How many records a group has taken. */
    public long committed(String group) throws Exception {
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", servers()))) {
            return admin.listConsumerGroupOffsets(group).partitionsToOffsetAndMetadata().get().values().stream()
                    .mapToLong(offset -> offset.offset())
                    .sum();
        }
    }

    @Override
    public void close() {
        if (producer != null) {
            producer.close();
        }
        kill();
    }

    /** The process: arguments are the folder, the port of the broker and that of the controller. */
    public static void main(String[] args) throws Exception {
        Path log = Path.of(args[0]).resolve("log");
        if (!Files.exists(log)) {
            new Formatter()
                    .setPrintStream(new PrintStream(System.err))
                    .setClusterId("AAAAAAAAAAAAAAAAAAAAAQ")
                    .setNodeId(1)
                    .setSupportedFeatures(List.of())
                    .addDirectory(log.toString())
                    .setMetadataLogDirectory(log.toString())
                    .setControllerListenerName("CONTROLLER")
                    .run();
        }
        Map<String, String> settings = Map.ofEntries(
                Map.entry("process.roles", "broker,controller"),
                Map.entry("node.id", "1"),
                Map.entry("listeners", "PLAINTEXT://127.0.0.1:" + args[1] + ",CONTROLLER://127.0.0.1:" + args[2]),
                Map.entry("controller.listener.names", "CONTROLLER"),
                Map.entry("controller.quorum.voters", "1@127.0.0.1:" + args[2]),
                Map.entry("log.dirs", log.toString()),
                Map.entry("num.partitions", "2"),
                Map.entry("offsets.topic.num.partitions", "1"),
                Map.entry("offsets.topic.replication.factor", "1"),
                // Before it has expired, nobody who was killed is let in again.
                Map.entry("broker.session.timeout.ms", "1000"),
                Map.entry("broker.heartbeat.interval.ms", "200"));
        new KafkaRaftServer(new KafkaConfig(settings), Time.SYSTEM).startup();
        System.out.println("READY");
        // Nobody is left to need it when this ends.
        while (System.in.read() >= 0) {}
        System.exit(0);
    }
}
