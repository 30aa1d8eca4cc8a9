package dev.tocsin.stream.detect;

import dev.tocsin.profiles.detect.Finding;
import dev.tocsin.stream.life.Claim;

/** A raise that was not cleared, and where. */
public record Held(Finding finding, Where where) {

    /** The clearance that no reading will bring any more. */
    Claim letGo(Claim.Holder holder, double lastValue, long overMs, long nowMs) {
        Finding over = new Finding(
                finding.rule(),
                finding.ruleVersion(),
                finding.kind(),
                finding.severity(),
                finding.device(),
                false,
                finding.metric(),
                finding.unit(),
                lastValue,
                finding.onsetMs(),
                Math.max(finding.atMs(), overMs),
                finding.replayed(),
                finding.test(),
                finding.evidence());
        return Claims.of(over, where, holder, nowMs);
    }
}
