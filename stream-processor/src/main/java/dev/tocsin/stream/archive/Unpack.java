package dev.tocsin.stream.archive;

import dev.tocsin.profiles.alert.Alert;
import dev.tocsin.profiles.alert.AlertJson;
import dev.tocsin.profiles.desired.DesiredJson;
import dev.tocsin.profiles.reading.DeviceReadings;
import dev.tocsin.profiles.reading.Rejected;
import dev.tocsin.profiles.wire.Topics;
import dev.tocsin.profiles.wire.UplinkCodec;
import dev.tocsin.profiles.wire.UplinkCodec.BadBatchException;
import dev.tocsin.profiles.wire.UplinkCodec.UplinkBatch;
import dev.tocsin.stream.source.UplinkMessage;
import java.time.Instant;
import org.apache.flink.streaming.api.functions.ProcessFunction;
import org.apache.flink.util.Collector;
import org.apache.flink.util.OutputTag;

/**
 * Messages to what is stored: readings as the main output, alerts, rejected input and the site's profiles beside it.
 * What cannot be read is rejected input itself. Keeps no state: that a reading is stored once is the ledger's work,
 * which outlives every checkpoint.
 */
public final class Unpack extends ProcessFunction<UplinkMessage, SpooledReadings> {
    public static final OutputTag<Alert> ALERTS = new OutputTag<>("alerts") {};
    public static final OutputTag<Rejected> REJECTED = new OutputTag<>("rejected") {};
    public static final OutputTag<SiteProfile> PROFILES = new OutputTag<>("profiles") {};
    private static final long serialVersionUID = 1L;

    @Override
    public void processElement(UplinkMessage message, Context context, Collector<SpooledReadings> out) {
        try {
            switch (message.feed()) {
                case LIVE, BACKLOG -> readings(message, out);
                case ALERTS -> context.output(ALERTS, AlertJson.read(message.payload()));
                case REJECTED -> context.output(REJECTED, rejected(message));
                case STATE -> profile(message, context);
                default -> throw new IllegalStateException("the archive does not read " + message.feed());
            }
        } catch (BadBatchException e) {
            context.output(REJECTED, unreadable(message, Rejected.Reason.BAD_BATCH, e));
        } catch (IllegalArgumentException e) {
            context.output(REJECTED, unreadable(message, Rejected.Reason.MALFORMED, e));
        }
    }

    private static void readings(UplinkMessage message, Collector<SpooledReadings> out) throws BadBatchException {
        UplinkBatch batch = UplinkCodec.decodeBatch(message.payload());
        // What an agent evicted is not marked as held: it may still be on its way in another lane.
        for (DeviceReadings readings : batch.readings()) {
            out.collect(new SpooledReadings(message.gateway(), batch.epoch(), readings));
        }
    }

    /** The rest of the desired state is others' business. */
    private static void profile(UplinkMessage message, Context context) {
        if (Topics.isProfileState(message.topic())) {
            context.output(PROFILES, SiteProfile.of(message));
        }
    }

    /** The gateway is whose topic it came on, whatever the message says. */
    private static Rejected rejected(UplinkMessage message) {
        Rejected said = DesiredJson.read(message.payload(), Rejected.class);
        if (said.id() == null
                || said.source() == null
                || said.reason() == null
                || said.detail() == null
                || said.receivedAt() == null) {
            throw new IllegalArgumentException("rejected input lacks a field");
        }
        return new Rejected(
                said.id(),
                message.gateway(),
                said.source(),
                said.device(),
                said.reason(),
                said.detail(),
                said.raw(),
                said.receivedAt());
    }

    private static Rejected unreadable(UplinkMessage message, Rejected.Reason reason, Exception why) {
        String detail = why.getMessage();
        return new Rejected(
                Refused.idOf(message.topic(), message.payload()),
                message.gateway(),
                "mqtt:" + message.topic(),
                null,
                reason,
                detail == null ? why.toString() : detail,
                message.payload(),
                Instant.ofEpochMilli(message.receivedAtMs()));
    }
}
