package dev.tocsin.agent.uplink;

import dev.tocsin.agent.spool.SpoolReader;
import dev.tocsin.profiles.alert.Alert;
import dev.tocsin.profiles.alert.AlertJson;
import dev.tocsin.profiles.alert.AlertState;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Raises that their own clearance has overtaken before they were sent. */
final class Overtaken {
    private Overtaken() {}

    /** Ids of such messages, of alerts in the order in which they were stored. */
    static Set<Long> in(List<SpoolReader.Message> messages) {
        Set<Long> overtaken = new HashSet<>();
        if (messages.size() < 2) {
            return overtaken;
        }
        Set<String> cleared = new HashSet<>();
        for (int i = messages.size() - 1; i >= 0; i--) {
            SpoolReader.Message message = messages.get(i);
            try {
                Alert alert = AlertJson.read(message.body());
                // A drill and the real thing are two matters.
                String matter = alert.id() + alert.drill();
                if (alert.state() == AlertState.CLEARED) {
                    cleared.add(matter);
                } else if (cleared.contains(matter)) {
                    overtaken.add(message.id());
                }
            } catch (IllegalArgumentException e) {
                // Sent as it is: the cloud keeps it as rejected input.
            }
        }
        return overtaken;
    }
}
