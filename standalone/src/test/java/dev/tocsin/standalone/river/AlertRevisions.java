package dev.tocsin.standalone.river;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tocsin.profiles.alert.Alert;
import dev.tocsin.profiles.alert.AlertJson;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** What a topic says of the alerts of one device. */
final class AlertRevisions {
    private AlertRevisions() {}

    /** One alert of each rule that fired, and no revision of it with two contents. */
    static void assertRaisedOnce(AlertTopic topic, String device) {
        Map<Long, Alert> byRevision = new HashMap<>();
        for (Alert alert : topic.of(device)) {
            Alert before = byRevision.putIfAbsent(alert.revision(), alert);
            if (before != null) {
                assertThat(AlertJson.write(alert))
                        .as("one revision, one content")
                        .isEqualTo(AlertJson.write(before));
            }
        }
        Map<String, List<String>> idsOfRule = byRevision.values().stream()
                .collect(Collectors.groupingBy(Alert::rule, Collectors.mapping(Alert::id, Collectors.toList())));
        assertThat(idsOfRule).as("alerts of " + device).isNotEmpty();
        idsOfRule.forEach((rule, ids) ->
                assertThat(ids.stream().distinct()).as(device + " " + rule).hasSize(1));
    }
}
