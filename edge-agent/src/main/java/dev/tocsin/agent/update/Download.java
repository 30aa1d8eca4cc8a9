package dev.tocsin.agent.update;

import dev.tocsin.profiles.bundle.Bundle;
import dev.tocsin.profiles.bundle.BundleException;
import dev.tocsin.profiles.desired.UpdateOrder;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.HttpURLConnection;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import org.jspecify.annotations.Nullable;

/** Fetches what an order names, going on where an earlier attempt ended. For one thread. */
final class Download {
    private static final int CONNECT_MS = 10_000;
    private static final int READ_MS = 30_000;
    private static final int PARTIAL = 206;
    private static final int MAX_PORT = 65_535;
    private static final String PART = ".part";

    private final Path folder;
    private final URI base;

    /** @param base that a path in an order counts from */
    Download(Path folder, URI base) {
        this.folder = folder;
        this.base = base;
    }

    /**
     * The bundle on the disk, whole and with the hash of the order.
     *
     * @throws BundleException when what was fetched is something else: nothing of it is kept
     * @throws IOException when it broke off: what came is kept for the next attempt
     */
    Path fetch(UpdateOrder order) throws BundleException, IOException {
        Files.createDirectories(folder);
        Path part = folder.resolve(order.sha256() + PART);
        deleteOthers(part);
        long have = Files.exists(part) ? Files.size(part) : 0;
        if (have < order.size()) {
            receive(order, part, have);
        }
        if (Files.size(part) != order.size() || !hash(part).equals(order.sha256())) {
            Files.delete(part);
            throw new BundleException("what " + address(order) + " gives is not what was ordered");
        }
        return part;
    }

    void discard() throws IOException {
        if (Files.isDirectory(folder)) {
            deleteOthers(folder);
        }
    }

    private void deleteOthers(Path kept) throws IOException {
        try (DirectoryStream<Path> parts = Files.newDirectoryStream(folder, "*" + PART)) {
            for (Path part : parts) {
                if (!part.equals(kept)) {
                    Files.delete(part);
                }
            }
        } catch (DirectoryIteratorException e) {
            throw e.getCause();
        }
    }

    private URI address(UpdateOrder order) throws BundleException {
        URI address;
        try {
            address = base.resolve(order.url());
        } catch (IllegalArgumentException e) {
            throw new BundleException("'" + order.url() + "' is no URL", e);
        }
        if (!isOfServer(address)) {
            throw new BundleException("'" + order.url() + "' names no http or https server");
        }
        return address;
    }

    /** Nothing when it is not that of a server which speaks HTTP. */
    static @Nullable URI address(String url) {
        try {
            URI address = new URI(url);
            return isOfServer(address) ? address : null;
        } catch (URISyntaxException e) {
            return null;
        }
    }

    private static boolean isOfServer(URI address) {
        return ("http".equals(address.getScheme()) || "https".equals(address.getScheme()))
                && address.getAuthority() != null
                && address.getPort() <= MAX_PORT;
    }

    private void receive(UpdateOrder order, Path part, long have) throws BundleException, IOException {
        HttpURLConnection connection =
                (HttpURLConnection) address(order).toURL().openConnection();
        connection.setConnectTimeout(CONNECT_MS);
        connection.setReadTimeout(READ_MS);
        connection.setRequestProperty("Accept-Encoding", "identity");
        if (have > 0) {
            connection.setRequestProperty("Range", "bytes=" + have + "-");
        }
        try {
            int status = connection.getResponseCode();
            boolean goesOn = status == PARTIAL
                    && String.valueOf(connection.getHeaderField("Content-Range"))
                            .startsWith("bytes " + have + "-");
            if (status != HttpURLConnection.HTTP_OK && !goesOn) {
                throw new IOException(connection.getURL() + " answers " + status);
            }
            try (InputStream in = connection.getInputStream();
                    OutputStream out = Files.newOutputStream(
                            part,
                            StandardOpenOption.CREATE,
                            goesOn ? StandardOpenOption.APPEND : StandardOpenOption.TRUNCATE_EXISTING,
                            StandardOpenOption.WRITE)) {
                copy(in, out, order.size() - (goesOn ? have : 0));
            }
        } finally {
            connection.disconnect();
        }
        if (Files.size(part) < order.size()) {
            throw new IOException("the connection ended after " + Files.size(part) + " of " + order.size() + " bytes");
        }
    }

    /** One byte more than was ordered shows that it is something else; no more of it is taken. */
    private static void copy(InputStream in, OutputStream out, long ordered) throws IOException {
        byte[] buffer = new byte[64 * 1024];
        long left = ordered + 1;
        for (int read = in.read(buffer, 0, (int) Math.min(buffer.length, left));
                read > 0;
                read = in.read(buffer, 0, (int) Math.min(buffer.length, left))) {
            out.write(buffer, 0, read);
            left -= read;
        }
    }

    private static String hash(Path file) throws IOException {
        MessageDigest hash = Bundle.sha256();
        try (OutputStream out = new DigestOutputStream(OutputStream.nullOutputStream(), hash)) {
            Files.copy(file, out);
        }
        return Bundle.hex(hash);
    }
}
