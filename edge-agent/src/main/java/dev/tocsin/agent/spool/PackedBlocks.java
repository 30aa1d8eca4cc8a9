package dev.tocsin.agent.spool;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
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

    static List<byte[]> unpack(byte[] packed) {
        List<byte[]> bodies = new ArrayList<>();
        try (DataInputStream in = new DataInputStream(new InflaterInputStream(new ByteArrayInputStream(packed)))) {
            while (true) {
                byte[] body = new byte[in.readInt()];
                in.readFully(body);
                bodies.add(body);
            }
        } catch (EOFException e) {
            return bodies;
        } catch (IOException e) {
            throw new SpoolException("packed blocks are damaged: " + e.getMessage(), e);
        }
    }
}
