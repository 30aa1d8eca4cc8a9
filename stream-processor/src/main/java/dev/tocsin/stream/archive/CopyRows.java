package dev.tocsin.stream.archive;

import dev.tocsin.profiles.reading.DeviceReadings;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.sql.Connection;
import java.sql.SQLException;
import org.postgresql.PGConnection;
import org.postgresql.copy.CopyIn;

/**
 * One COPY into {@code sensing.reading} in PostgreSQL's binary format (documentation of COPY, "Binary Format"): numbers
 * big-endian, each field after its length. For one thread.
 */
final class CopyRows {
    private static final String COPY =
            "copy sensing.reading (observed_at, received_at, value, series, quality, replayed) from stdin binary";
    private static final byte[] HEADER = {
        'P', 'G', 'C', 'O', 'P', 'Y', '\n', (byte) 0xff, '\r', '\n', 0, 0, 0, 0, 0, 0, 0, 0, 0
    };
    private static final short COLUMNS = 6;
    private static final int ROW_BYTES = 2 + 3 * (4 + 8) + (4 + 4) + (4 + 2) + (4 + 1);
    private static final short TRAILER = -1;
    private static final int BUFFER_BYTES = 64 * 1024;
    private static final int TRAILER_BYTES = 2;
    /** PostgreSQL counts microseconds from 2000-01-01T00:00Z. */
    private static final long POSTGRES_EPOCH_MS = 946_684_800_000L;
    /** One less than what PostgreSQL reads as infinity: out of its range, so that it is refused and not stored. */
    private static final long BEYOND_ANY_TIME = Long.MAX_VALUE - 1;

    private static final VarHandle SHORT = MethodHandles.byteArrayViewVarHandle(short[].class, ByteOrder.BIG_ENDIAN);
    private static final VarHandle INT = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.BIG_ENDIAN);
    private static final VarHandle LONG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);

    private final CopyIn copy;
    private final byte[] buffer = new byte[BUFFER_BYTES];
    private int length;

    private CopyRows(CopyIn copy) {
        this.copy = copy;
        System.arraycopy(HEADER, 0, buffer, 0, HEADER.length);
        length = HEADER.length;
    }

    static CopyRows begin(Connection connection) throws SQLException {
        return new CopyRows(connection.unwrap(PGConnection.class).getCopyAPI().copyIn(COPY));
    }

    /** @param series id by metric index */
    void add(DeviceReadings readings, int[] series) throws SQLException {
        byte replayed = (byte) (readings.replayed() ? 1 : 0);
        for (int i = 0; i < readings.count(); i++) {
            if (length + ROW_BYTES + TRAILER_BYTES > BUFFER_BYTES) {
                send();
            }
            putShort(COLUMNS);
            putLong(microseconds(readings.observedAtMs()[i]));
            putLong(microseconds(readings.receivedAtMs()[i]));
            putLong(Double.doubleToRawLongBits(readings.value()[i]));
            putInt(4);
            putInt(series[readings.metric()[i]]);
            putInt(2);
            putShort(readings.quality()[i]);
            putInt(1);
            buffer[length++] = replayed;
        }
    }

    /** Sends the rest. Refused values show here at the latest. */
    void end() throws SQLException {
        putShort(TRAILER);
        send();
        copy.endCopy();
    }

    static long microseconds(long epochMs) {
        try {
            return Math.multiplyExact(Math.subtractExact(epochMs, POSTGRES_EPOCH_MS), 1_000L);
        } catch (ArithmeticException e) {
            return BEYOND_ANY_TIME;
        }
    }

    private void send() throws SQLException {
        copy.writeToCopy(buffer, 0, length);
        length = 0;
    }

    private void putShort(short value) {
        SHORT.set(buffer, length, value);
        length += Short.BYTES;
    }

    private void putInt(int value) {
        INT.set(buffer, length, value);
        length += Integer.BYTES;
    }

    private void putLong(long value) {
        putInt(Long.BYTES);
        LONG.set(buffer, length, value);
        length += Long.BYTES;
    }
}
