package dev.tocsin.standalone.river;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/** Sockets that processes listen on, from {@code /proc}: TCP in state LISTEN, and bound UDP. */
final class Listening {
    private static final String LISTEN = "0A";
    private static final String UDP_BOUND = "07";

    private Listening() {}

    /**
     * One socket.
     *
     * @param loopback bound to 127.0.0.1 or ::1 and nothing wider
     */
    record Socket(String protocol, boolean loopback, int port) {}

    static List<Socket> of(ProcessHandle process) throws IOException {
        Set<String> inodes = inodes(process.pid());
        for (ProcessHandle descendant : process.descendants().toList()) {
            inodes.addAll(inodes(descendant.pid()));
        }
        List<Socket> sockets = new ArrayList<>();
        for (String protocol : List.of("tcp", "tcp6", "udp", "udp6")) {
            Path table = Path.of("/proc/net", protocol);
            if (Files.exists(table)) {
                for (String line : Files.readAllLines(table)) {
                    String[] columns = line.strip().split("\\s+");
                    boolean listens =
                            columns.length > 9 && columns[3].equals(protocol.startsWith("udp") ? UDP_BOUND : LISTEN);
                    if (listens && inodes.contains(columns[9])) {
                        sockets.add(socket(protocol, columns[1]));
                    }
                }
            }
        }
        return sockets;
    }

    private static Socket socket(String protocol, String hexAddressAndPort) {
        String address = hexAddressAndPort.split(":")[0];
        int port = Integer.parseInt(hexAddressAndPort.split(":")[1], 16);
        // 127.0.0.1, ::1 and ::ffff:127.0.0.1 as the kernel prints them, in host byte order.
        boolean loopback = address.equals("0100007F")
                || address.equals("00000000000000000000000001000000")
                || address.equals("0000000000000000FFFF00000100007F");
        return new Socket(protocol, loopback, port);
    }

    private static Set<String> inodes(long pid) throws IOException {
        Set<String> inodes = new HashSet<>();
        try (Stream<Path> descriptors = Files.list(Path.of("/proc", Long.toString(pid), "fd"))) {
            for (Path descriptor : descriptors.toList()) {
                try {
                    String target = Files.readSymbolicLink(descriptor).toString();
                    if (target.startsWith("socket:[")) {
                        inodes.add(target.substring(8, target.length() - 1));
                    }
                } catch (IOException e) {
                    // Closed between the listing and the look.
                }
            }
        }
        return inodes;
    }
}
