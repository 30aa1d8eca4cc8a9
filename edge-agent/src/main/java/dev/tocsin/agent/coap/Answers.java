package dev.tocsin.agent.coap;

import dev.tocsin.agent.acquire.Intake;
import dev.tocsin.agent.spool.Via;
import dev.tocsin.profiles.codec.Decoding;
import dev.tocsin.profiles.codec.Incoming;
import java.time.Clock;
import java.time.Duration;
import java.util.Map;
import org.eclipse.californium.core.coap.Response;

/** Brings to the intake what devices answer that were asked. Safe for any thread. */
record Answers(Intake intake, Entitlement entitlement, Credentials credentials, Clock clock) {
    private static final Duration PATIENCE = Duration.ofMillis(500);

    /** One that finds no room is not repeated by the device; the next time it is asked is the next chance. */
    void onAnswer(ServerList.Entry server, String path, Response response) {
        Incoming incoming = new Incoming(
                Incoming.Transport.COAP_CLIENT,
                server.device() + "/" + path,
                response.getOptions().getContentFormat(),
                response.getPayload(),
                server.profile() == null ? Map.of() : Map.of(Incoming.PROFILE, server.profile()),
                clock.millis());
        Caller caller = Caller.of(response.getSourceContext(), credentials);
        Decoding decoding = entitlement.judge(incoming, intake.decode(incoming), caller);
        intake.take(incoming, decoding, 0, Via.once(Via.COAP_WAY), PATIENCE, () -> {});
    }
}
