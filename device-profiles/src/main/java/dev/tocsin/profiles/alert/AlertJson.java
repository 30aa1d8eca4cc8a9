package dev.tocsin.profiles.alert;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.datatype.jsr310.JavaTimeModule;
import dev.tocsin.profiles.reading.Limits;
import dev.tocsin.profiles.wire.Topics;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** Alerts as JSON, on the alert lane and on the alert topic; times are ISO 8601 in UTC. Safe for any thread. */
public final class AlertJson {
    private static final ObjectMapper JSON = JsonMapper.builder()
            .addModule(new JavaTimeModule())
            .disable(SerializationFeature.WRITE_DATES_AS_TIMESTAMPS)
            .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
            .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .defaultPropertyInclusion(
                    JsonInclude.Value.construct(JsonInclude.Include.NON_NULL, JsonInclude.Include.NON_NULL))
            .build();

    /** District, town, grid, and room to spare: the area path is part of a topic. */
    private static final int MAX_AREAS = 16;
    /** Leaves every later revision a number. */
    private static final long LAST_REVISION = 1L << 62;

    private AlertJson() {}

    public static byte[] write(Alert alert) {
        try {
            return JSON.writeValueAsBytes(alert);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("alert " + alert.id() + " cannot be written", e);
        }
    }

    /**
     * Also from an agent that may send anything: what is returned can be published, stored and written again.
     *
     * @throws IllegalArgumentException naming the field that is missing or wrong
     */
    public static Alert read(byte[] json) {
        try {
            Alert alert = JSON.readValue(json, Alert.class);
            if (alert == null) {
                throw new IllegalArgumentException("null instead of an alert");
            }
            require(alert);
            return alert;
        } catch (IOException e) {
            throw new IllegalArgumentException("not an alert: " + e.getMessage(), e);
        }
    }

    private static void require(Alert alert) {
        Limits.text("id", alert.id(), Limits.TEXT);
        if (!Topics.ID.matcher(alert.id()).matches()) {
            throw new IllegalArgumentException("id '" + alert.id() + "' does not match " + Topics.ID.pattern());
        }
        if (alert.revision() < 0 || alert.revision() > LAST_REVISION) {
            throw new IllegalArgumentException("revision " + alert.revision() + " is not within 0.." + LAST_REVISION);
        }
        Limits.text("rule", alert.rule(), Limits.TEXT);
        Limits.text("gateway", alert.gateway(), Limits.TEXT);
        Limits.text("device", alert.device(), Limits.TEXT);
        Limits.text("metric", alert.metric(), Limits.TEXT);
        Limits.text("unit", alert.unit(), Limits.TEXT);
        Limits.instant("onset", alert.onset());
        Limits.instant("updated", alert.updated());
        if (alert.cleared() != null) {
            Limits.instant("cleared", alert.cleared());
        }
        present("state", alert.state());
        present("kind", alert.kind());
        present("severity", alert.severity());
        present("place", alert.place());
        Limits.text("place.name", alert.place().name(), Limits.WORDS);
        if (alert.place().areas().length > MAX_AREAS) {
            throw new IllegalArgumentException("place.areas are more than " + MAX_AREAS);
        }
        for (String area : alert.place().areas()) {
            Limits.text("place.areas", area, Limits.TEXT);
        }
        finite("place.latitude", alert.place().latitude());
        finite("place.longitude", alert.place().longitude());
        if (alert.correlation() != null) {
            alert.correlation().require();
        }
        present("evidence", alert.evidence());
        finite("evidence.limit", alert.evidence().limit());
        for (Evidence.Point point : alert.evidence().readings()) {
            present("evidence.readings", point);
            present("evidence.readings.quality", point.quality());
            finite("evidence.readings.value", point.value());
            Limits.instant("evidence.readings.at", point.at());
        }
    }

    private static void finite(String field, @Nullable Double value) {
        if (value != null && !Double.isFinite(value)) {
            throw new IllegalArgumentException(field + " is not finite");
        }
    }

    private static void present(String field, @Nullable Object value) {
        if (value == null) {
            throw new IllegalArgumentException(field + " is missing");
        }
    }
}
