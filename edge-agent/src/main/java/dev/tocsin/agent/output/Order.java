package dev.tocsin.agent.output;

import dev.tocsin.profiles.alert.Alert;
import dev.tocsin.profiles.desired.DesiredJson;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What an output is to do.
 *
 * @param alert on whose account; null for a test, or where the alert is not known any more
 */
record Order(String output, boolean on, @Nullable Alert alert, Instant at) {

    String state() {
        return on ? "on" : "off";
    }

    byte[] json() {
        Map<String, Object> order = new LinkedHashMap<>();
        order.put("output", output);
        order.put("state", state());
        order.put("at", at.toString());
        if (alert != null) {
            order.put("alert", alert);
        }
        return DesiredJson.write(order);
    }

    /** What is sent: the words of the settings where they give any, else the order itself. */
    byte[] payload(@Nullable String onText, @Nullable String offText) {
        String text = on ? onText : offText;
        return text == null ? json() : text.getBytes(StandardCharsets.UTF_8);
    }

    /** For a program; nothing of the agent's own environment goes with it. */
    Map<String, String> environment() {
        Map<String, String> variables = new LinkedHashMap<>();
        variables.put("TOCSIN_OUTPUT", output);
        variables.put("TOCSIN_STATE", state());
        if (alert != null) {
            variables.put("TOCSIN_ALERT_ID", alert.id());
            variables.put("TOCSIN_ALERT_STATE", alert.state().name());
            variables.put("TOCSIN_ALERT_KIND", alert.kind().name());
            variables.put("TOCSIN_ALERT_SEVERITY", alert.severity().name());
            variables.put("TOCSIN_ALERT_RULE", alert.rule());
            variables.put("TOCSIN_ALERT_DEVICE", alert.device());
            variables.put("TOCSIN_ALERT_AREA", alert.place().area());
            variables.put("TOCSIN_ALERT_PLACE", alert.place().name());
            variables.put("TOCSIN_ALERT_DRILL", Boolean.toString(alert.drill()));
        }
        // A name that somebody typed may hold what no environment can.
        variables.replaceAll((name, value) -> value.replace("\0", ""));
        return variables;
    }
}
