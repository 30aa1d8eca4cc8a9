package dev.tocsin.agent.spool;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.Deflater;
import java.util.zip.DeflaterOutputStream;
import java.util.zip.InflaterInputStream;

/**
 * Many small blocks deflated as one: device and metric names come again in every block, so a long outage costs a
 * fraction of the disk.
 */
final class PackedBlocks {
    /** No commit makes a larger one. */
    private static final int MAX_BODY_BYTES = 16 * 1024 * 1024;

    private PackedBlocks() {}

    static byte[] pack(List<byte[]> bodies) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        Deflater deflater = new Deflater(Deflater.BEST_SPEED);
        try (DataOutputStream out = new DataOutputStream(new DeflaterOutputStream(bytes, deflater, 4096))) {
            for (byte[] body : bodies) {
                out.writeInt(body.length);
                out.write(body);
            }
        } catch (IOException e) {
            throw new IllegalStateException("writing to memory failed", e);
        } finally {
            deflater.end();
        }
        return bytes.toByteArray();
    }

    /** @throws IOException when what is stored is not what was packed */
    static List<byte[]> unpack(byte[] packed) throws IOException {
        List<byte[]> bodies = new ArrayList<>();
        try (DataInputStream in = new DataInputStream(new InflaterInputStream(new ByteArrayInputStream(packed)))) {
            for (int first = in.read(); first >= 0; first = in.read()) {
                int length = first << 24 | in.readUnsignedByte() << 16 | in.readUnsignedShort();
                if (length < 0 || length > MAX_BODY_BYTES) {
                    throw new IOException("a block of " + length + " bytes");
                }
                byte[] body = new byte[length];
                in.readFully(body);
                bodies.add(body);
            }
            return bodies;
        }
    }
}
