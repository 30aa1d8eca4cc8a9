package dev.tocsin.stream.detect;

import dev.tocsin.profiles.alert.Alert;
import dev.tocsin.profiles.alert.AlertState;
import dev.tocsin.profiles.detect.Finding;
import dev.tocsin.stream.life.Claim;
import java.time.Instant;

/** What a finding means to the life of its alert. */
final class Claims {
    private Claims() {}

    static Claim of(Finding finding, Where where, Claim.Holder holder, long receivedAtMs) {
        Instant at = Instant.ofEpochMilli(finding.atMs());
        Alert alert = new Alert(
                Alert.idOf(finding.rule(), finding.device(), finding.onsetMs()),
                0,
                finding.raised() ? AlertState.ACTIVE : AlertState.CLEARED,
                finding.rule(),
                finding.ruleVersion(),
                finding.kind(),
                finding.severity(),
                where.gateway(),
                finding.device(),
                where.place(),
                finding.metric(),
                finding.value(),
                finding.unit(),
                Instant.ofEpochMilli(finding.onsetMs()),
                at,
                finding.raised() ? null : at,
                false,
                finding.drill(),
                finding.evidence());
        return new Claim(holder, alert, receivedAtMs);
    }
}
