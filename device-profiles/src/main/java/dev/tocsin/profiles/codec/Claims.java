package dev.tocsin.profiles.codec;

import dev.tocsin.profiles.profile.CoapQuestion;
import dev.tocsin.profiles.profile.CodecSpec;
import dev.tocsin.profiles.profile.Profile;
import dev.tocsin.profiles.profile.ProfileCatalog;
import dev.tocsin.profiles.profile.SourcePattern;
import dev.tocsin.profiles.profile.SourcePattern.Match;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Which profiles' patterns a message's source is of. */
final class Claims {
    /** Our own devices' place: every profile's metrics can be sent there as SenML. */
    private static final SourcePattern OWN = SourcePattern.of("sensors/{device}");

    private final List<Claim> claims = new ArrayList<>();
    private final @Nullable Match own;
    private final boolean senMl;

    /** One profile that claims the source. */
    record Claim(Profile profile, CodecSpec codec, Match match) {}

    private Claims(Incoming message, String[] levels) {
        boolean sent = message.transport() == Incoming.Transport.MQTT || message.transport() == Incoming.Transport.COAP;
        this.own = sent ? OWN.match(levels) : null;
        this.senMl = message.contentFormat() == Document.SENML_JSON || message.contentFormat() == Document.SENML_CBOR;
    }

    static Claims of(ProfileCatalog catalog, Incoming message) {
        String[] levels = SourcePattern.levelsOf(message.address());
        Claims claims = new Claims(message, levels);
        for (Profile profile : catalog.all()) {
            for (SourcePattern pattern : patterns(profile, message.transport())) {
                Match match = pattern.match(levels);
                if (match != null) {
                    claims.claims.add(new Claim(profile, claims.codec(profile), match));
                    break;
                }
            }
        }
        return claims;
    }

    private static List<SourcePattern> patterns(Profile profile, Incoming.Transport transport) {
        return switch (transport) {
            case MQTT -> profile.mqttTopics();
            case COAP -> profile.coapPaths();
            case COAP_CLIENT ->
                profile.coapQuestions().stream().map(CoapQuestion::source).toList();
            case COIOT -> profile.coiotTypes();
        };
    }

    private CodecSpec codec(Profile profile) {
        return senMl && !(profile.codec() instanceof CodecSpec.SenMl)
                ? new CodecSpec.SenMl(false, List.of())
                : profile.codec();
    }

    List<Claim> all() {
        return claims;
    }

    boolean none() {
        return claims.isEmpty() && own == null;
    }

    /** The device's name as the source has it; null where only the message can tell. */
    @Nullable
    String device() {
        if (own != null) {
            return own.device();
        }
        for (Claim claim : claims) {
            if (claim.match.device() != null) {
                return claim.match.device();
            }
        }
        return null;
    }

    /** The claim of one profile; every profile has one on our own devices' place. */
    @Nullable
    Claim by(Profile profile) {
        for (Claim claim : claims) {
            if (claim.profile.id().equals(profile.id())) {
                return claim;
            }
        }
        if (own == null) {
            return null;
        }
        CodecSpec codec =
                profile.codec() instanceof CodecSpec.SenMl ? profile.codec() : new CodecSpec.SenMl(false, List.of());
        return new Claim(profile, codec, own);
    }
}
