import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.HttpURLConnection;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.URL;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Lets an agent do once what it does all day, so that the class archive made of that run holds the classes of it: it is
 * the agent's broker (as much of MQTT 5 as the agent asks for), a sensor on MQTT and one on CoAP, and reads its metrics.
 *
 * <p>{@code java Rehearsal.java DATA-FOLDER COMMAND...}; exits with 1 when the agent did not take both readings and
 * forward them.
 */
public final class Rehearsal {
    private static final long PATIENCE_S = 60;
    private static final int CONNECT = 1;
    private static final int PUBLISH = 3;
    private static final int PUBACK = 4;
    private static final int SUBSCRIBE = 8;
    private static final int UNSUBSCRIBE = 10;
    private static final int PING = 12;
    private static final byte[] READING =
            "[{\"n\":\"temperature\",\"u\":\"Cel\",\"v\":20.5}]".getBytes(StandardCharsets.UTF_8);
    /** It cannot be read: what becomes of that is rehearsed, too. */
    private static final byte[] NONSENSE = "nonsense".getBytes(StandardCharsets.UTF_8);

    private final CountDownLatch acknowledged = new CountDownLatch(2);
    private final CountDownLatch forwarded = new CountDownLatch(1);
    private final ServerSocket broker = new ServerSocket(0, 8, InetAddress.getLoopbackAddress());

    private Rehearsal() throws IOException {}

    public static void main(String[] arguments) throws Exception {
        new Rehearsal().run(Path.of(arguments[0]), List.of(arguments).subList(1, arguments.length));
    }

    private void run(Path data, List<String> agent) throws Exception {
        Thread accepting = new Thread(this::accept);
        accepting.setDaemon(true);
        accepting.start();
        int coap = freePort();
        int http = freePort();
        List<String> command = new ArrayList<>(agent);
        command.add("--gateway=rehearsal");
        command.add("--data=" + Files.createDirectories(data));
        command.add("--enrolment=open");
        command.add("--broker.url=tcp://127.0.0.1:" + broker.getLocalPort());
        command.add("--coap.port=" + coap);
        command.add("--http.port=" + http);
        Process process = new ProcessBuilder(command).inheritIO().start();
        try {
            postByCoap(coap, process);
            require(acknowledged, "the agent acknowledged no reading by MQTT");
            require(forwarded, "the agent forwarded nothing");
            get(http, "/health");
            get(http, "/metrics");
        } finally {
            process.destroy();
            process.waitFor();
        }
    }

    private static void require(CountDownLatch latch, String otherwise) throws InterruptedException {
        if (!latch.await(PATIENCE_S, TimeUnit.SECONDS)) {
            throw new IllegalStateException(otherwise);
        }
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    private static void get(int port, String path) throws IOException {
        HttpURLConnection connection = (HttpURLConnection) new URL("http://127.0.0.1:" + port + path).openConnection();
        try (InputStream in = connection.getInputStream()) {
            in.readAllBytes();
        }
    }

    /** Confirmable POSTs to sensors/rehearsal-coap until one is answered with 2.04. */
    private static void postByCoap(int port, Process agent) throws IOException {
        long until = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_S);
        try (DatagramSocket socket = new DatagramSocket()) {
            socket.connect(InetAddress.getLoopbackAddress(), port);
            socket.setSoTimeout(100);
            for (int id = 1; System.nanoTime() < until && agent.isAlive(); id++) {
                ByteBuffer message = ByteBuffer.allocate(256);
                message.put((byte) 0x41).put((byte) 2).putShort((short) id).put((byte) 7);
                option(message, 11, "sensors");
                option(message, 0, "rehearsal-coap");
                message.put((byte) 0x11).put((byte) 110).put((byte) 0xff).put(READING);
                byte[] answer = new byte[1_024];
                DatagramPacket received = new DatagramPacket(answer, answer.length);
                try {
                    socket.send(new DatagramPacket(message.array(), message.position()));
                    socket.receive(received);
                    if (answer[1] == 0x44) {
                        return;
                    }
                } catch (IOException e) {
                    pause(e);
                }
            }
        }
        throw new IllegalStateException("the agent took no reading by CoAP");
    }

    /** Nobody listens yet, or nothing came in time. */
    private static void pause(IOException e) {
        if (!(e instanceof SocketTimeoutException)) {
            try {
                Thread.sleep(50);
            } catch (InterruptedException interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private static void option(ByteBuffer message, int delta, String text) {
        byte[] value = text.getBytes(StandardCharsets.UTF_8);
        message.put((byte) (delta << 4 | Math.min(value.length, 13)));
        if (value.length >= 13) {
            message.put((byte) (value.length - 13));
        }
        message.put(value);
    }

    private void accept() {
        try {
            while (true) {
                Socket socket = broker.accept();
                Thread serving = new Thread(() -> serve(socket));
                serving.setDaemon(true);
                serving.start();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void serve(Socket socket) {
        try (socket;
                DataInputStream in = new DataInputStream(socket.getInputStream())) {
            OutputStream out = socket.getOutputStream();
            for (int first = in.read(); first >= 0; first = in.read()) {
                byte[] body = new byte[length(in)];
                in.readFully(body);
                answer(first, ByteBuffer.wrap(body), out);
            }
        } catch (IOException e) {
            // The agent has gone.
        }
    }

    private void answer(int first, ByteBuffer body, OutputStream out) throws IOException {
        switch (first >> 4) {
            case CONNECT -> out.write(new byte[] {0x20, 3, 0, 0, 0});
            case PING -> out.write(new byte[] {(byte) 0xd0, 0});
            case SUBSCRIBE -> subscribed(body, out);
            case UNSUBSCRIBE -> out.write(new byte[] {(byte) 0xb0, 4, body.get(), body.get(), 0, 0});
            case PUBACK -> acknowledged.countDown();
            case PUBLISH -> published(first, body, out);
            default -> {
                // Goodbyes want no answer.
            }
        }
    }

    private void published(int first, ByteBuffer body, OutputStream out) throws IOException {
        byte[] topic = new byte[body.getShort()];
        body.get(topic);
        if ((first & 6) != 0) {
            out.write(new byte[] {0x40, 2, body.get(), body.get()});
        }
        if (new String(topic, StandardCharsets.UTF_8).endsWith("/live")) {
            forwarded.countDown();
        }
    }

    private static void subscribed(ByteBuffer body, OutputStream out) throws IOException {
        byte high = body.get();
        byte low = body.get();
        body.position(body.position() + 1 + body.get(body.position()));
        int filters = 0;
        boolean sensors = false;
        while (body.hasRemaining()) {
            byte[] filter = new byte[body.getShort()];
            body.get(filter).get();
            filters++;
            sensors |= new String(filter, StandardCharsets.UTF_8).startsWith("sensors/");
        }
        ByteBuffer answer = ByteBuffer.allocate(5 + filters);
        answer.put((byte) 0x90).put((byte) (3 + filters)).put(high).put(low).put((byte) 0);
        for (int i = 0; i < filters; i++) {
            answer.put((byte) 1);
        }
        out.write(answer.array());
        if (sensors) {
            publish(out, 1, READING);
            publish(out, 2, NONSENSE);
        }
    }

    private static void publish(OutputStream out, int id, byte[] payload) throws IOException {
        byte[] topic = "sensors/rehearsal-mqtt".getBytes(StandardCharsets.UTF_8);
        ByteBuffer message = ByteBuffer.allocate(256);
        message.put((byte) 0x32).put((byte) (2 + topic.length + 2 + 1 + payload.length));
        message.putShort((short) topic.length).put(topic).putShort((short) id).put((byte) 0).put(payload);
        out.write(message.array(), 0, message.position());
    }

    private static int length(DataInputStream in) throws IOException {
        int length = 0;
        for (int shift = 0; shift < 28; shift += 7) {
            int digit = in.readUnsignedByte();
            length |= (digit & 0x7f) << shift;
            if (digit < 0x80) {
                return length;
            }
        }
        throw new IOException("not MQTT");
    }
}
