package dev.tocsin.standalone.fuzz;

import dev.tocsin.profiles.alert.AlertJson;
import dev.tocsin.profiles.coap.CoapOptions;
import dev.tocsin.profiles.coap.CoapParser;
import dev.tocsin.profiles.codec.Decoding;
import dev.tocsin.profiles.codec.DeviceDirectory;
import dev.tocsin.profiles.codec.Incoming;
import dev.tocsin.profiles.codec.Incoming.Transport;
import dev.tocsin.profiles.codec.MessageDecoder;
import dev.tocsin.profiles.command.Command;
import dev.tocsin.profiles.command.CommandReply;
import dev.tocsin.profiles.desired.AreaTree;
import dev.tocsin.profiles.desired.DesiredJson;
import dev.tocsin.profiles.desired.GatewayState;
import dev.tocsin.profiles.desired.GatewayStatus;
import dev.tocsin.profiles.desired.Pulse;
import dev.tocsin.profiles.desired.SeenDevice;
import dev.tocsin.profiles.desired.UpdateOrder;
import dev.tocsin.profiles.profile.Profile;
import dev.tocsin.profiles.profile.ProfileCatalog;
import dev.tocsin.profiles.profile.ProfileException;
import dev.tocsin.profiles.settings.GatewaySettings;
import dev.tocsin.profiles.settings.GatewaySettings.Origin;
import dev.tocsin.profiles.settings.SettingsException;
import dev.tocsin.profiles.site.RuleSet;
import dev.tocsin.profiles.site.RuleSetException;
import dev.tocsin.profiles.wire.UplinkCodec;
import dev.tocsin.profiles.wire.UplinkCodec.BadBatchException;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.eclipse.californium.core.coap.MessageFormatException;
import org.eclipse.californium.core.coap.OptionSet;
import org.jspecify.annotations.Nullable;

/** What reads bytes that anybody on the network may have written. */
public enum Decoder {
    /** SenML as JSON (RFC 8428) that a sensor posts. */
    SENML_JSON {
        @Override
        boolean takes(byte[] input) {
            return reads(new Incoming(Transport.COAP, "sensors/d1", 110, input, Map.of(), NOW.toEpochMilli()));
        }
    },

    /** The same as CBOR. */
    SENML_CBOR {
        @Override
        boolean takes(byte[] input) {
            return reads(new Incoming(Transport.COAP, "sensors/d1", 112, input, Map.of(), NOW.toEpochMilli()));
        }
    },

    /** The datagram around it. */
    COAP_MESSAGE {
        @Override
        boolean takes(byte[] input) {
            try {
                OptionSet options = DATAGRAMS.parseMessage(input).getOptions();
                // What a server asks of it is read when it is asked for.
                options.getUriPathString();
                options.getUriQuery();
                options.getContentFormat();
                options.getOthers(CoapOptions.COIOT_DEVICE);
                return true;
            } catch (MessageFormatException e) {
                return refused(e);
            }
        }
    },

    /** What sensors of other makers say in JSON; the first byte chooses the topic. */
    MAKERS_JSON {
        @Override
        boolean takes(byte[] input) {
            return reads(new Incoming(
                    Transport.MQTT, chosen(TOPICS, input), -1, afterFirst(input), Map.of(), NOW.toEpochMilli()));
        }
    },

    /** The status of a Shelly. */
    COIOT {
        @Override
        boolean takes(byte[] input) {
            return reads(new Incoming(Transport.COIOT, "SHWT-1-d1", -1, input, Map.of(), NOW.toEpochMilli()));
        }
    },

    /** Batches of readings, in the jobs. */
    UPLINK_BATCH {
        @Override
        boolean takes(byte[] input) {
            try {
                UplinkCodec.decodeBatch(input);
                return true;
            } catch (BadBatchException e) {
                return refused(e);
            }
        }
    },

    /** Alerts of agents and of the alarm job. */
    ALERT {
        @Override
        boolean takes(byte[] input) {
            try {
                AlertJson.read(input);
                return true;
            } catch (IllegalArgumentException e) {
                return refused(e);
            }
        }
    },

    /** Presence, pulses, devices seen, replies, and what the cloud wants of a gateway; the first byte chooses. */
    GATEWAY_JSON {
        @Override
        boolean takes(byte[] input) {
            try {
                DesiredJson.read(afterFirst(input), chosen(DOCUMENTS, input));
                return true;
            } catch (IllegalArgumentException e) {
                return refused(e);
            }
        }
    },

    /** What a gateway is set to from the cloud. */
    GATEWAY_SETTINGS(Cost.PER_BYTE_OF_YAML) {
        @Override
        boolean takes(byte[] input) {
            try {
                GatewaySettings.parse(new String(input, StandardCharsets.UTF_8), "input", Origin.CLOUD);
                return true;
            } catch (SettingsException e) {
                return refused(e);
            }
        }
    },

    /** A profile that the cloud retains for agents and jobs. */
    PROFILE(Cost.PER_BYTE_OF_YAML) {
        @Override
        boolean takes(byte[] input) {
            try {
                Profile.parse(new String(input, StandardCharsets.UTF_8), "input");
                return true;
            } catch (ProfileException e) {
                return refused(e);
            }
        }
    },

    /** A site's rule set. */
    RULE_SET(Cost.PER_BYTE_OF_YAML) {
        @Override
        boolean takes(byte[] input) {
            try {
                RuleSet.parse(new String(input, StandardCharsets.UTF_8), "input");
                return true;
            } catch (RuleSetException e) {
                return refused(e);
            }
        }
    };

    private static final CoapParser DATAGRAMS = new CoapParser();
    private static final Instant NOW = Instant.parse("2026-11-26T10:00:00Z");
    private static final DeviceDirectory ANYBODY = new DeviceDirectory() {
        @Override
        public @Nullable String profileOf(String device) {
            return null;
        }

        @Override
        public boolean open() {
            return true;
        }
    };
    private static final MessageDecoder MESSAGES =
            new MessageDecoder(ProfileCatalog.builtIn(), ANYBODY, Clock.fixed(NOW, ZoneOffset.UTC), () -> true);
    private static final List<String> TOPICS = List.of(
            "zigbee2mqtt/kitchen",
            "tele/bridge/SENSOR",
            "shellyplussmoke-a8032ab1/events/rpc",
            "iot-device-data",
            "shellies/shellyht-1/sensor/temperature");
    private static final List<Class<?>> DOCUMENTS = List.of(
            GatewayState.class,
            GatewayStatus.class,
            SeenDevice.class,
            Pulse.class,
            AreaTree.class,
            Command.class,
            CommandReply.class,
            UpdateOrder.class);

    /** What it may allocate for each byte of input. */
    final long maxAllocatedPerByte;

    Decoder() {
        this(Cost.PER_BYTE);
    }

    Decoder(long maxAllocatedPerByte) {
        this.maxAllocatedPerByte = maxAllocatedPerByte;
    }

    /**
     * Reads it as the process does that receives it.
     *
     * @return false where it is refused, with a reason; whatever is thrown is a crash
     */
    abstract boolean takes(byte[] input);

    /** As it is written on a command line. */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    private static boolean reads(Incoming message) {
        Decoding decoding = MESSAGES.decode(message);
        // What is refused goes to the disk, and no secret may.
        MESSAGES.withoutSecrets(message);
        return decoding instanceof Decoding.Decoded;
    }

    private static <T> T chosen(List<T> choices, byte[] input) {
        return choices.get(input.length == 0 ? 0 : Byte.toUnsignedInt(input[0]) % choices.size());
    }

    private static byte[] afterFirst(byte[] input) {
        return Arrays.copyOfRange(input, Math.min(1, input.length), input.length);
    }

    /** A refusal without a word would tell nobody what is wrong. */
    private static boolean refused(Exception e) {
        if (e.getMessage() == null || e.getMessage().isBlank()) {
            throw new AssertionError("refused without a reason", e);
        }
        return false;
    }
}
