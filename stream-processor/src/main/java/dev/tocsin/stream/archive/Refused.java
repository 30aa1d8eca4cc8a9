package dev.tocsin.stream.archive;

import dev.tocsin.profiles.alert.Alert;
import dev.tocsin.profiles.alert.AlertJson;
import dev.tocsin.profiles.reading.DeviceReadings;
import dev.tocsin.profiles.reading.Rejected;
import dev.tocsin.profiles.wire.UplinkCodec;
import dev.tocsin.stream.archive.PatientConnection.RefusedException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;

/** What the store refused, as rejected input: the same input refused again has the same id. */
final class Refused {
    private Refused() {}

    /** One reading; its raw bytes are a batch that holds it alone, ready to be played again. */
    static Rejected reading(Part part, RefusedException why, Instant now) {
        DeviceReadings readings = part.readings();
        Part.Spool spool = part.spool();
        String source = "archive:" + spool.epoch() + "/" + readings.firstSequence();
        byte[] raw =
                UplinkCodec.encodeBatch(spool.epoch(), List.of(), List.of(UplinkCodec.encodeBlock(List.of(readings))));
        String detail = "The store refused " + readings.metricAt(0) + " = " + readings.value()[0] + " observed at "
                + readings.observedAtMs()[0] + " ms: " + why.getMessage();
        return new Rejected(
                idOf(spool.gateway(), source),
                spool.gateway(),
                source,
                readings.device(),
                Rejected.Reason.INDIGESTIBLE,
                detail,
                raw,
                now);
    }

    static Rejected alert(Alert alert, RefusedException why, Instant now) {
        String source = "archive:alert/" + alert.id() + "/" + alert.revision();
        return new Rejected(
                idOf(alert.gateway(), source),
                alert.gateway(),
                source,
                alert.device(),
                Rejected.Reason.INDIGESTIBLE,
                "The store refused the alert: " + why.getMessage(),
                AlertJson.write(alert),
                now);
    }

    static String idOf(String gateway, String source) {
        return idOf(gateway, source.getBytes(StandardCharsets.UTF_8));
    }

    static String idOf(String where, byte[] what) {
        byte[] first = (where + "\n").getBytes(StandardCharsets.UTF_8);
        byte[] name = Arrays.copyOf(first, first.length + what.length);
        System.arraycopy(what, 0, name, first.length, what.length);
        return UUID.nameUUIDFromBytes(name).toString();
    }
}
