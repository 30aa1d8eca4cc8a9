package dev.tocsin.agent.acquire;

import dev.tocsin.agent.spool.Draft;
import dev.tocsin.agent.spool.Via;
import dev.tocsin.agent.spool.Work;
import dev.tocsin.profiles.codec.Decoding;
import dev.tocsin.profiles.codec.Incoming;
import dev.tocsin.profiles.desired.DesiredJson;
import dev.tocsin.profiles.desired.SeenDevice;
import dev.tocsin.profiles.profile.Profile;
import dev.tocsin.profiles.reading.Reading;
import dev.tocsin.profiles.reading.Rejected;
import dev.tocsin.profiles.wire.Lane;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * One message on its way into a commit.
 *
 * @param hash of topic and payload (CoAP: also of the sender's message id), so that a redelivery is known as one
 * @param retained it was handed out at a subscription: it says what was, and not that the device is alive
 * @param sender is told what became of it
 */
record Arrival(Intake intake, Incoming incoming, Decoding decoding, long hash, Via via, boolean retained, Sender sender)
        implements Work {

    /** The queue bounds memory, so a message weighs what it holds: its readings, or its bytes at 256 for a reading. */
    @Override
    public int weight() {
        int readings = decoding instanceof Decoding.Decoded decoded
                ? decoded.readings().size()
                : 0;
        return Math.max(readings, 1 + incoming.payload().length / 256);
    }

    @Override
    public void into(Draft draft) {
        if (draft.isRedelivery(hash, via)) {
            return;
        }
        if (decoding instanceof Decoding.Decoded decoded) {
            accept(draft, decoded);
            if (decoded.refused() != null) {
                reject(draft, decoded.refused());
            }
        } else {
            reject(draft, (Decoding.Refused) decoding);
        }
        draft.remember(hash, via);
    }

    private void accept(Draft draft, Decoding.Decoded decoded) {
        Profile profile = intake.registry.catalog().find(decoded.profile());
        if (profile == null) {
            throw new IllegalStateException("profile " + decoded.profile() + " went away");
        }
        for (Map.Entry<String, List<Reading>> device :
                byDevice(decoded.readings()).entrySet()) {
            if (sender.judged()) {
                intake.judge.onJudged(draft, profile, device.getKey(), decoded.replayed(), device.getValue());
            } else {
                intake.judge.onReadings(
                        draft, profile, device.getKey(), decoded.replayed(), device.getValue(), retained ? null : via);
            }
            if (!decoded.enrolled() && intake.registry.profileOf(device.getKey()) == null) {
                seen(draft, device.getKey(), decoded.profile(), true);
            }
        }
        if (!draft.isPassing()) {
            intake.metrics.accepted(incoming.transport(), decoded.readings().size());
        }
        if (!sender.judged()) {
            // What was judged in passing was shown then.
            intake.metrics.feed().readings(incoming.transport(), decoded.readings());
        }
    }

    private static Map<String, List<Reading>> byDevice(List<Reading> readings) {
        if (readings.isEmpty()) {
            return Map.of();
        }
        String first = readings.get(0).device();
        if (isAllOf(first, readings)) {
            return Map.of(first, readings);
        }
        Map<String, List<Reading>> byDevice = new LinkedHashMap<>();
        for (Reading reading : readings) {
            byDevice.computeIfAbsent(reading.device(), d -> new ArrayList<>()).add(reading);
        }
        return byDevice;
    }

    private static boolean isAllOf(String device, List<Reading> readings) {
        for (Reading reading : readings) {
            if (!reading.device().equals(device)) {
                return false;
            }
        }
        return true;
    }

    private void reject(Draft draft, Decoding.Refused refused) {
        reject(draft, refused.reason(), refused.detail(), refused.device());
        if (refused.reason() == Rejected.Reason.NOT_ENROLLED && refused.device() != null) {
            seen(draft, refused.device(), refused.profile() == null ? "" : refused.profile(), false);
        }
        Decoding.Decoded said = refused.unheard();
        Profile profile = said == null || retained || sender.judged()
                ? null
                : intake.registry.catalog().find(said.profile());
        if (said != null && profile != null) {
            byDevice(said.readings()).forEach((device, readings) -> {
                if (intake.registry.profileOf(device) == null) {
                    intake.judge.onStranger(draft, profile, device, readings);
                }
            });
        }
    }

    private void reject(Draft draft, Rejected.Reason reason, String detail, @Nullable String device) {
        if (draft.isPassing()) {
            // It comes again, and is rejected once.
            return;
        }
        String identity = intake.gateway + "\n" + hash + "\n" + incoming.receivedAtMs() + "\n" + detail;
        Rejected rejected = new Rejected(
                UUID.nameUUIDFromBytes(identity.getBytes(StandardCharsets.UTF_8))
                        .toString(),
                intake.gateway,
                incoming.source(),
                device,
                reason,
                detail,
                intake.withoutSecrets(incoming),
                Instant.ofEpochMilli(incoming.receivedAtMs()));
        draft.message(Lane.REJECTED, DesiredJson.write(rejected));
        intake.metrics.rejected(incoming.transport(), reason);
        intake.metrics.feed().rejected(incoming.transport(), rejected);
    }

    private void seen(Draft draft, String device, String profile, boolean accepted) {
        if (!draft.isPassing() && intake.seenFirst(device)) {
            SeenDevice seen = new SeenDevice(
                    intake.gateway, device, profile, accepted, Instant.ofEpochMilli(incoming.receivedAtMs()));
            draft.message(Lane.SEEN, DesiredJson.write(seen));
        }
    }

    @Override
    public void indigestible(Draft draft, RuntimeException cause) {
        reject(
                draft,
                Rejected.Reason.INDIGESTIBLE,
                "judging it failed: " + cause.getClass().getName(),
                null);
        draft.remember(hash, via);
    }

    @Override
    public void kept() {
        sender.kept();
    }

    @Override
    public void refused() {
        intake.metrics.passed(incoming.transport());
        sender.passed();
    }

    @Override
    public void delayed() {
        sender.delayed();
    }

    @Override
    public boolean lasting() {
        return sender.keeps();
    }
}
