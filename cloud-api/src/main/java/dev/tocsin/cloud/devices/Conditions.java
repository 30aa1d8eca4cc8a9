package dev.tocsin.cloud.devices;

import com.fasterxml.jackson.annotation.JsonValue;
import dev.tocsin.profiles.alert.Severity;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** How devices are, by their open alerts. Answers from memory. */
public interface Conditions {

    /** For the map; the first one that applies. */
    enum State {
        ALARM,
        SILENT,
        TROUBLE,
        NORMAL;

        @JsonValue
        String json() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** @param severity worst of the active alerts, null without any */
    record Condition(State state, @Nullable Severity severity) {}

    Condition of(String device);

    /** Open alerts of a device as the contract's {@code AlertView}. */
    List<?> openAlertsOf(String device);
}
