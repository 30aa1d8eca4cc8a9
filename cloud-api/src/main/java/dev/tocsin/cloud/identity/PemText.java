package dev.tocsin.cloud.identity;

import java.io.IOException;
import java.io.StringReader;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import org.bouncycastle.util.io.pem.PemObject;
import org.bouncycastle.util.io.pem.PemReader;
import org.bouncycastle.util.io.pem.PemWriter;

/** The textual form of keys and certificates (RFC 7468). */
final class PemText {
    static final String CERTIFICATE = "CERTIFICATE";
    static final String KEY = "PRIVATE KEY";
    static final String REQUEST = "CERTIFICATE REQUEST";
    static final String REVOCATIONS = "X509 CRL";

    private PemText() {}

    static String of(String type, byte[] der) {
        StringWriter text = new StringWriter();
        try (PemWriter writer = new PemWriter(text)) {
            writer.writeObject(new PemObject(type, der));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return text.toString();
    }

    /**
     * Every block of one type, others are passed over.
     *
     * @throws IOException when a block is damaged
     */
    static List<byte[]> blocks(String type, String text) throws IOException {
        List<byte[]> found = new ArrayList<>();
        try (PemReader reader = new PemReader(new StringReader(text))) {
            for (PemObject block = reader.readPemObject(); block != null; block = reader.readPemObject()) {
                if (block.getType().equals(type)) {
                    found.add(block.getContent());
                }
            }
        } catch (RuntimeException e) {
            // What the library throws at text that is not Base64.
            throw new IOException(e.getMessage(), e);
        }
        return found;
    }
}
