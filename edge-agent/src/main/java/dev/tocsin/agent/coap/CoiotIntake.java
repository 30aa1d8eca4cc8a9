package dev.tocsin.agent.coap;

import dev.tocsin.agent.acquire.Intake;
import dev.tocsin.agent.acquire.Sender;
import dev.tocsin.agent.desired.Registry;
import dev.tocsin.agent.spool.Via;
import dev.tocsin.profiles.coap.CoapOptions;
import dev.tocsin.profiles.codec.Decoding;
import dev.tocsin.profiles.codec.DeviceIds;
import dev.tocsin.profiles.codec.Incoming;
import java.time.Clock;
import java.time.Duration;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.eclipse.californium.core.CoapResource;
import org.eclipse.californium.core.coap.CoAP.Code;
import org.eclipse.californium.core.coap.CoAP.ResponseCode;
import org.eclipse.californium.core.coap.Option;
import org.eclipse.californium.core.coap.OptionSet;
import org.eclipse.californium.core.coap.Request;
import org.eclipse.californium.core.coap.Response;
import org.eclipse.californium.core.network.Exchange;
import org.jspecify.annotations.Nullable;

/**
 * Takes the status messages of Shelly devices of the first generation (CoIoT): not confirmable, code 0.30, at {@code
 * /cit/s}, to the group 224.0.1.187 or to the agent as their peer. They send a status again and again until it changes;
 * what comes with the serial and the content of the last one only says that the device is there. Nobody is answered, but
 * a confirmable message. Bounded: {@link #MAX_DEVICES} last statuses. Safe for any thread.
 */
final class CoiotIntake {
    /** Of more, those longest unheard of are forgotten, and their next status is taken as new. */
    private static final int MAX_DEVICES = 2_000;

    private static final Duration PATIENCE = Duration.ofMillis(500);

    private final Intake intake;
    private final Registry registry;
    private final Entitlement entitlement;
    private final Credentials credentials;
    private final CoapMetrics metrics;
    private final Clock clock;

    /** By device. Guarded by itself. */
    private final Map<String, Status> last = new LinkedHashMap<>(64, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Status> eldest) {
            return size() > MAX_DEVICES;
        }
    };

    /**
     * One that was taken.
     *
     * @param standing what the registry said of the device
     * @param profile that it was read by; null where it was refused
     */
    private record Status(
            int serial,
            int content,
            String standing,
            @Nullable String profile) {
        boolean says(int otherSerial, int otherContent, String otherStanding) {
            return serial == otherSerial && content == otherContent && standing.equals(otherStanding);
        }
    }

    CoiotIntake(
            Intake intake,
            Registry registry,
            Entitlement entitlement,
            Credentials credentials,
            CoapMetrics metrics,
            Clock clock) {
        this.intake = intake;
        this.registry = registry;
        this.entitlement = entitlement;
        this.credentials = credentials;
        this.metrics = metrics;
        this.clock = clock;
    }

    /** {@code /cit/s} for the agent's server, so that a Shelly can have it as its peer. */
    CoapResource resource() {
        CoapResource status = new CoapResource("s", false) {
            @Override
            public void handleRequest(Exchange exchange) {
                if (exchange.getRequest().getCode() == Code.CUSTOM_30) {
                    onStatus(exchange);
                } else {
                    super.handleRequest(exchange);
                }
            }
        };
        CoapResource parent = new CoapResource("cit", false);
        parent.add(status);
        return parent;
    }

    void onStatus(Exchange exchange) {
        Request request = exchange.getRequest();
        if (!request.getOptions().getUriPathString().equals("cit/s") || request.getCode() != Code.CUSTOM_30) {
            return;
        }
        OptionSet options = request.getOptions();
        String address = addressOf(text(options));
        Incoming incoming =
                new Incoming(Incoming.Transport.COIOT, address, -1, request.getPayload(), Map.of(), clock.millis());
        int serial = serialOf(options);
        int content = Arrays.hashCode(request.getPayload());
        String device = DeviceIds.legal(address);
        String standing = standingOf(device);
        Status before;
        synchronized (last) {
            before = last.get(device);
            if (serial < 0 || before == null || !before.says(serial, content, standing)) {
                // At once, and not after the commit: the same datagram may come by the group and by the server's port.
                last.put(device, new Status(serial, content, standing, null));
                before = null;
            }
        }
        if (before != null) {
            onRepetition(exchange, device, before);
            return;
        }
        Caller caller = Caller.of(request.getSourceContext(), credentials);
        Decoding decoding = entitlement.judge(incoming, intake.decode(incoming), caller);
        Device sender = new Device(exchange, device, serial);
        boolean taken = intake.admits(caller.name(), incoming, decoding)
                && intake.take(incoming, decoding, 0, Via.once(Via.COAP_WAY), PATIENCE, sender);
        synchronized (last) {
            if (!taken) {
                sender.forget();
            } else if (!sender.forgotten && decoding instanceof Decoding.Decoded decoded) {
                last.put(device, new Status(serial, content, standing, decoded.profile()));
            }
        }
    }

    /** Who sent a status. */
    private final class Device implements Sender {
        private final Exchange exchange;
        private final String id;
        private final int serial;
        /** Guarded by {@link #last}. */
        private boolean forgotten;

        Device(Exchange exchange, String id, int serial) {
            this.exchange = exchange;
            this.id = id;
            this.serial = serial;
        }

        @Override
        public void kept() {
            answer(exchange);
        }

        @Override
        public void passed() {
            forget();
        }

        /** It is not stored: the repetition is the next chance. */
        void forget() {
            synchronized (last) {
                forgotten = true;
                Status known = last.get(id);
                if (known != null && known.serial() == serial) {
                    last.remove(id);
                }
            }
        }
    }

    private void onRepetition(Exchange exchange, String device, Status known) {
        metrics.repeatedStatus.increment();
        String profile = known.profile();
        if (profile != null) {
            intake.heardAgain(device, profile, PATIENCE, () -> answer(exchange));
        }
    }

    /** What the registry and the credentials make of the device: when that changes, its status is looked at again. */
    private String standingOf(String device) {
        String enrolledAs = registry.profileOf(device);
        String credential = credentials.has(device) ? "with credentials " : "";
        return credential + (enrolledAs != null ? "as " + enrolledAs : registry.open() ? "let in" : "stranger");
    }

    private static void answer(Exchange exchange) {
        if (exchange.getRequest().isConfirmable()) {
            exchange.execute(() -> exchange.sendResponse(new Response(ResponseCode.CHANGED, true)));
        }
    }

    private static String text(OptionSet options) {
        List<Option> device = options.getOthers(CoapOptions.COIOT_DEVICE);
        return device.isEmpty() ? "" : device.get(0).getStringValue();
    }

    private static int serialOf(OptionSet options) {
        List<Option> serial = options.getOthers(CoapOptions.COIOT_SERIAL);
        return serial.isEmpty() ? -1 : serial.get(0).getIntegerValue();
    }

    /** {@code SHHT-1-CA969F} of {@code SHHT-1#CA969F#2}. */
    private static String addressOf(String device) {
        String[] parts = device.split("#", -1);
        return parts.length < 2 ? device : parts[0] + "-" + parts[1];
    }
}
