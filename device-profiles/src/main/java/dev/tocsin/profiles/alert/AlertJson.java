package dev.tocsin.profiles.alert;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.datatype.jsr310.JavaTimeModule;
import java.io.IOException;
import java.nio.charset.StandardCharsets;

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

    private AlertJson() {}

    public static byte[] write(Alert alert) {
        try {
            return JSON.writeValueAsBytes(alert);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("alert " + alert.id() + " cannot be written", e);
        }
    }

    /** @throws IllegalArgumentException naming the field that is missing or wrong */
    public static Alert read(byte[] json) {
        try {
            Alert alert = JSON.readValue(json, Alert.class);
            if (alert == null
                    || alert.id() == null
                    || alert.state() == null
                    || alert.rule() == null
                    || alert.kind() == null
                    || alert.severity() == null
                    || alert.gateway() == null
                    || alert.device() == null
                    || alert.place() == null
                    || alert.metric() == null
                    || alert.unit() == null
                    || alert.onset() == null
                    || alert.updated() == null
                    || alert.evidence() == null) {
                throw new IllegalArgumentException("alert lacks a field: " + new String(json, StandardCharsets.UTF_8));
            }
            return alert;
        } catch (IOException e) {
            throw new IllegalArgumentException("not an alert: " + e.getMessage(), e);
        }
    }
}
