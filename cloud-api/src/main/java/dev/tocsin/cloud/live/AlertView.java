package dev.tocsin.cloud.live;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonUnwrapped;
import dev.tocsin.profiles.alert.Alert;
import dev.tocsin.profiles.profile.LocalText;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * An alert as people see it: the machine's facts, names for ids, and who acknowledged it.
 *
 * @param name the rule's text
 * @param receivedAt when the cloud received this revision
 */
public record AlertView(
        @JsonUnwrapped Alert alert,
        LocalText name,
        String deviceName,
        List<LocalText> areaNames,
        @JsonInclude(JsonInclude.Include.ALWAYS) @Nullable Acknowledged acknowledged,
        Instant receivedAt) {}
