package dev.tocsin.agent.coap;

import dev.tocsin.agent.observe.AgentMetrics;
import io.micrometer.core.instrument.Counter;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;

/** What is counted of CoAP beside the messages themselves; all of it is served from the start. Safe for any thread. */
final class CoapMetrics {
    final Counter handshakes;
    final Counter repeatedStatus;
    final Counter answered;
    final Counter unanswered;
    private final Map<Refusal, Counter> refused = new EnumMap<>(Refusal.class);

    /** Why a handshake came to nothing. */
    enum Refusal {
        UNKNOWN_IDENTITY,
        /** Or the device stopped talking right before the end. */
        WRONG_KEY,
        CERTIFICATE,
        /** Nothing that both can do. */
        NO_COMMON_CIPHER,
        /** The device stopped talking in the midst of it. */
        TIMEOUT,
        /** It had to make room for another one. */
        EVICTED,
        OTHER
    }

    CoapMetrics(AgentMetrics metrics) {
        handshakes = metrics.counter("dtls.handshakes", "Completed");
        for (Refusal reason : Refusal.values()) {
            refused.put(
                    reason,
                    metrics.counter(
                            "dtls.refused.handshakes",
                            "That came to nothing",
                            "reason",
                            reason.name().toLowerCase(Locale.ROOT)));
        }
        repeatedStatus = metrics.counter("coiot.repeated.statuses", "Statuses with a serial that was known");
        answered = metrics.counter("coap.client.answers", "Answers and notifications", "outcome", "read");
        unanswered = metrics.counter("coap.client.answers", "Answers and notifications", "outcome", "failed");
    }

    void refused(Refusal reason) {
        Counter counter = refused.get(reason);
        if (counter != null) {
            counter.increment();
        }
    }
}
