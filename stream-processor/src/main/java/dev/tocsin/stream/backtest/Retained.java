package dev.tocsin.stream.backtest;

import dev.tocsin.profiles.wire.Topics;
import dev.tocsin.stream.recorded.Timekeeping;
import dev.tocsin.stream.source.Feed;
import dev.tocsin.stream.source.UplinkMessage;
import java.io.Serializable;
import java.nio.charset.StandardCharsets;

/** A message of the site's desired state, as the broker retains it. */
record Retained(String topic, byte[] payload) implements Serializable {

    String id() {
        return topic.substring(topic.lastIndexOf('/') + 1);
    }

    String text() {
        return new String(payload, StandardCharsets.UTF_8);
    }

    /** As the alarm job would have heard it before the first reading. */
    UplinkMessage message() {
        String gateway = Topics.isGatewayState(topic) ? id() : "";
        return new UplinkMessage(Feed.STATE, 0, topic, gateway, payload, Timekeeping.BEGINNING_MS);
    }
}
