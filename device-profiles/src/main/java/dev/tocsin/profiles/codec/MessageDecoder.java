package dev.tocsin.profiles.codec;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.tocsin.profiles.codec.Claims.Claim;
import dev.tocsin.profiles.codec.Decoding.Decoded;
import dev.tocsin.profiles.codec.Decoding.Refused;
import dev.tocsin.profiles.codec.Harvest.Sample;
import dev.tocsin.profiles.codec.Harvest.UnreadableException;
import dev.tocsin.profiles.profile.CodecSpec;
import dev.tocsin.profiles.profile.Profile;
import dev.tocsin.profiles.profile.ProfileCatalog;
import dev.tocsin.profiles.reading.Quality;
import dev.tocsin.profiles.reading.Reading;
import dev.tocsin.profiles.reading.Rejected.Reason;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Turns a sensor's message into readings whose time is decided, or says in one sentence why not; what the values are
 * worth is for {@link dev.tocsin.profiles.detect.QualityJudge} to say, once re-sends are sorted out. Which
 * profile reads a message: the one under which the registry has the device; of a device that it does not have, and only
 * while enrolment is open, the one that the message names, or else the one that recognises it. Never throws for what a
 * message holds. Safe for any thread.
 */
public final class MessageDecoder {
    public static final int MAX_PAYLOAD_BYTES = 64 * 1024;
    /** Of one message. */
    public static final int MAX_READINGS = 1_000;
    /** A device's clock that is further ahead is wrong. */
    public static final long MAX_AHEAD_MS = 5_000;
    /** An older time, from a device that keeps no readings, is a wrong clock: longer than any retry on the way. */
    public static final long MAX_AGE_MS = 5 * 60_000;
    /** No sensor of ours was made before. */
    private static final long EARLIEST_MS =
            Instant.parse("2015-01-01T00:00:00Z").toEpochMilli();
    /** What a device may say while this gateway does not know the time itself. */
    private static final long LATEST_MS = Instant.parse("2100-01-01T00:00:00Z").toEpochMilli();

    private final ProfileCatalog catalog;
    private final DeviceDirectory directory;
    private final Clock clock;
    private final BooleanSupplier clockKnown;

    /** @param clockKnown whether {@code clock} was ever set: without a battery it begins in 1970 */
    public MessageDecoder(ProfileCatalog catalog, DeviceDirectory directory, Clock clock, BooleanSupplier clockKnown) {
        this.clockKnown = clockKnown;
        this.catalog = catalog;
        this.directory = directory;
        this.clock = clock;
    }

    public Decoding decode(Incoming message) {
        if (message.payload().length > MAX_PAYLOAD_BYTES) {
            return new Refused(
                    Reason.TOO_LARGE,
                    message.payload().length + " bytes; more than " + MAX_PAYLOAD_BYTES + " are not read",
                    null,
                    null);
        }
        Claims claims = Claims.of(catalog, message);
        if (claims.none()) {
            return new Refused(Reason.UNKNOWN_SOURCE, "no profile claims " + message.source(), null, null);
        }
        if (message.properties().containsKey(Incoming.REPLAY) && !directory.open()) {
            return new Refused(Reason.NOT_ENROLLED, "a replay is taken only while enrolment is open", null, null);
        }
        String name = claims.device();
        return name == null ? unnamed(message, claims) : ofDevice(message, claims, DeviceIds.legal(name));
    }

    /** The device that the message's source names, whatever the message holds; null where the source names none. */
    public @Nullable String deviceOf(Incoming message) {
        String name = Claims.of(catalog, message).device();
        return name == null ? null : DeviceIds.legal(name);
    }

    /**
     * The payload with everything masked that a profile which claims the source calls secret. Of a message that cannot be
     * read nobody knows where its secrets stand: nothing of it is left.
     */
    public byte[] withoutSecrets(Incoming message) {
        Set<String> names = new TreeSet<>();
        for (Claim claim : Claims.of(catalog, message).all()) {
            if (claim.profile().codec() instanceof CodecSpec.Json json) {
                json.secret().forEach(pointer -> names.add(pointer.substring(pointer.lastIndexOf('/') + 1)));
            }
        }
        if (names.isEmpty()) {
            return message.payload();
        }
        try {
            Document.read(message);
        } catch (UnreadableException e) {
            return new byte[0];
        }
        return Secrets.mask(message.payload(), names);
    }

    private Decoding ofDevice(Incoming message, Claims claims, String device) {
        String enrolledAs = directory.profileOf(device);
        if (enrolledAs == null && !directory.open()) {
            return notEnrolled(message, claims, device);
        }
        String wanted = enrolledAs != null ? enrolledAs : message.properties().get(Incoming.PROFILE);
        String profileId = wanted;
        try {
            JsonNode tree = Document.read(message);
            Claim claim = wanted != null
                    ? claimOf(wanted, claims, message)
                    : new Recognition(claims, tree, device, message.receivedAtMs()).claim();
            profileId = claim.profile().id();
            Harvest harvest = new Harvest();
            harvest(claim, message, tree, device, harvest);
            return decoded(message, claim.profile(), enrolledAs != null, device, harvest);
        } catch (UnreadableException e) {
            return new Refused(e.reason, e.sentence(), device, profileId);
        }
    }

    private Refused notEnrolled(Incoming message, Claims claims, String device) {
        String profile = null;
        Decoded said = null;
        try {
            JsonNode tree = Document.read(message);
            Claim claim = new Recognition(claims, tree, device, message.receivedAtMs()).claim();
            profile = claim.profile().id();
            Harvest harvest = new Harvest();
            harvest(claim, message, tree, device, harvest);
            said = decoded(message, claim.profile(), false, device, harvest) instanceof Decoded decoded
                    ? decoded
                    : null;
        } catch (UnreadableException e) {
            // It is refused for not being enrolled, whatever it holds; the profile may stay open.
            if (profile == null && claims.all().size() == 1) {
                profile = claims.all().get(0).profile().id();
            }
        }
        return new Refused(Reason.NOT_ENROLLED, device + " is not enrolled", device, profile, said);
    }

    private Claim claimOf(String profileId, Claims claims, Incoming message) throws UnreadableException {
        Profile profile = catalog.find(profileId);
        if (profile == null) {
            throw new UnreadableException(Reason.UNKNOWN_PROFILE, "no profile is called '" + profileId + "'");
        }
        Claim claim = claims.by(profile);
        if (claim == null) {
            throw new UnreadableException(
                    Reason.UNKNOWN_SOURCE, "profile " + profileId + " reads nothing from " + message.source());
        }
        return claim;
    }

    private void harvest(Claim claim, Incoming message, JsonNode tree, String device, Harvest harvest)
            throws UnreadableException {
        if (claim.codec() instanceof CodecSpec.SenMl senMl) {
            new SenMlCodec(claim.profile(), device, senMl.children(), directory)
                    .harvest(SenMlPack.read(tree, message.receivedAtMs()), harvest);
        } else if (claim.codec() instanceof CodecSpec.Json json) {
            JsonNode fields = Recognition.named(claim, tree);
            if (!fields.isObject()) {
                throw new UnreadableException(Reason.MALFORMED, "the message is not a JSON object");
            }
            new JsonCodec(json, claim.profile()).harvest(fields, fields, device, harvest);
        }
    }

    /** A message whose source does not name the device: it stands in the message. */
    private Decoding unnamed(Incoming message, Claims claims) {
        Claim claim = claims.all().get(0);
        try {
            JsonNode tree = Document.read(message);
            if (claim.codec() instanceof CodecSpec.Json json && json.devices() != null) {
                return keyed(message, claim.profile(), json, tree.at(json.devices()), tree);
            }
            if (claim.codec() instanceof CodecSpec.Json json && json.device() != null) {
                String name = tree.at(json.device()).asText();
                if (!name.isEmpty()) {
                    return ofDevice(message, claims, DeviceIds.legal(name));
                }
            }
            throw new UnreadableException(
                    Reason.MALFORMED, "neither " + message.source() + " nor the message names a device");
        } catch (UnreadableException e) {
            return new Refused(e.reason, e.sentence(), null, claim.profile().id());
        }
    }

    /** A message in which the devices are keys. */
    private Decoding keyed(Incoming message, Profile profile, CodecSpec.Json json, JsonNode devices, JsonNode tree) {
        if (!devices.isObject()) {
            // Other messages of the same source, about the bridge itself.
            return new Decoded(profile.id(), message.properties().containsKey(Incoming.REPLAY), true, List.of());
        }
        Harvest harvest = new Harvest();
        Harvest strangers = new Harvest();
        boolean allEnrolled = true;
        String device = null;
        for (Map.Entry<String, JsonNode> entry : devices.properties()) {
            device = DeviceIds.legal(entry.getKey());
            String enrolledAs = directory.profileOf(device);
            allEnrolled &= enrolledAs != null;
            if (enrolledAs == null && !directory.open()) {
                harvest.complain(Reason.NOT_ENROLLED, device + " is not enrolled");
                new JsonCodec(json, profile).harvest(tree, entry.getValue(), device, strangers);
            } else if (enrolledAs != null && !enrolledAs.equals(profile.id())) {
                harvest.complain(
                        Reason.UNKNOWN_SOURCE,
                        device + " is enrolled as a " + enrolledAs + ", which reads nothing from " + message.source());
            } else {
                new JsonCodec(json, profile).harvest(tree, entry.getValue(), device, harvest);
            }
        }
        Decoding decoding = decoded(message, profile, allEnrolled, device, harvest);
        if (strangers.samples().isEmpty()
                || !(decoded(message, profile, false, null, strangers) instanceof Decoded said)) {
            return decoding;
        }
        if (decoding instanceof Decoded decoded && decoded.refused() != null) {
            Refused refused = decoded.refused().with(said);
            return new Decoded(profile.id(), decoded.replayed(), decoded.enrolled(), decoded.readings(), refused);
        }
        return decoding instanceof Refused refused ? refused.with(said) : decoding;
    }

    private Decoding decoded(
            Incoming message, Profile profile, boolean enrolled, @Nullable String device, Harvest harvest) {
        Refused refused = harvest.refused(device, profile.id());
        if (harvest.samples().isEmpty() && refused != null) {
            return refused;
        }
        if (harvest.samples().size() > MAX_READINGS) {
            return new Refused(
                    Reason.TOO_LARGE,
                    harvest.samples().size() + " readings; more than " + MAX_READINGS + " are not read",
                    device,
                    profile.id());
        }
        boolean replayed = message.properties().containsKey(Incoming.REPLAY);
        List<Reading> readings = new ArrayList<>(harvest.samples().size());
        for (Sample sample : harvest.samples()) {
            readings.add(reading(sample, profile, message.receivedAtMs(), replayed));
        }
        return new Decoded(profile.id(), replayed, enrolled, readings, refused);
    }

    private Reading reading(Sample sample, Profile profile, long receivedAtMs, boolean replayed) {
        long atMs = sample.time().atMs();
        boolean known = clockKnown.getAsBoolean();
        boolean believed = sample.time().given()
                && !sample.time().clockUnset()
                && (replayed || (known ? fitsOurs(atMs, profile) : atMs >= EARLIEST_MS && atMs < LATEST_MS));
        boolean wrong = !believed && (sample.time().given() || !known);
        Quality quality = sample.fault() ? Quality.SENSOR_FAULT : wrong ? Quality.CLOCK : Quality.GOOD;
        return new Reading(
                sample.device(),
                sample.metric(),
                sample.value(),
                believed ? atMs : receivedAtMs,
                receivedAtMs,
                quality);
    }

    private boolean fitsOurs(long atMs, Profile profile) {
        long nowMs = clock.millis();
        return atMs >= EARLIEST_MS
                && atMs <= nowMs + MAX_AHEAD_MS
                && (profile.buffering() || atMs >= nowMs - MAX_AGE_MS);
    }

    /** Finds the profile of a message whose device nobody knows. */
    private static final class Recognition {
        /** No profile recognises by more. */
        private static final int MAX_FIELDS = 1_000;

        private final Claims claims;
        private final JsonNode tree;
        private final String device;
        private final long receivedAtMs;

        Recognition(Claims claims, JsonNode tree, String device, long receivedAtMs) {
            this.claims = claims;
            this.tree = tree;
            this.device = device;
            this.receivedAtMs = receivedAtMs;
        }

        /**
         * Of the profiles that recognise the message the one on which most depends, so that a smoke detector which also
         * measures the climate is a smoke detector; then the one that recognises it by most of its fields; of equals the
         * first in the catalog.
         */
        Claim claim() throws UnreadableException {
            Claim best = null;
            int most = -1;
            for (Claim claim : claims.all()) {
                int fields = weight(claim.profile()) * MAX_FIELDS
                        + claim.codec().recognise().size();
                if (fields > most && recognises(claim)) {
                    most = fields;
                    best = claim;
                }
            }
            if (best == null) {
                List<String> ids =
                        claims.all().stream().map(claim -> claim.profile().id()).toList();
                throw new UnreadableException(
                        Reason.UNKNOWN_PROFILE,
                        device + " is not enrolled, and its message is none of " + String.join(", ", ids));
            }
            return best;
        }

        private static int weight(Profile profile) {
            return switch (profile.category()) {
                case "smoke", "heat", "co", "gas" -> 2;
                case "water", "contact", "motion", "vibration" -> 1;
                default -> 0;
            };
        }

        private boolean recognises(Claim claim) throws UnreadableException {
            if (claim.codec() instanceof CodecSpec.SenMl senMl) {
                if (senMl.recognise().isEmpty()) {
                    return true;
                }
                Set<String> metrics = SenMlCodec.metricsOf(SenMlPack.read(tree, receivedAtMs), device);
                return metrics.containsAll(senMl.recognise())
                        && claim.profile().metrics().keySet().containsAll(metrics);
            }
            return JsonCodec.recognised(claim.codec().recognise(), named(claim, tree));
        }

        /** The payload under the name that the source gives it, where the pattern has such a place. */
        static JsonNode named(Claim claim, JsonNode tree) {
            String field = claim.match().field();
            return field == null ? tree : JsonNodeFactory.instance.objectNode().set(field, tree);
        }
    }
}
