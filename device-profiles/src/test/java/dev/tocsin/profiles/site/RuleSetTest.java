package dev.tocsin.profiles.site;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.tocsin.profiles.alert.Severity;
import dev.tocsin.profiles.detect.Condition;
import dev.tocsin.profiles.profile.ProfileCatalog;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

class RuleSetTest {
    private static final String COLD_STORE = """
            id: cold-store
            version: 1000007
            note: Freezers of the fish market
            scope: {areas: [market], categories: [climate, heat]}
            changes:
              - rule: senml-room/hot
                when: {above: 40, clear: 35}
                on-delay: 20s
                off-delay: 2m
                severity: major
                latching: true
              - rule: "*/battery-low"
                enabled: false
              - rule: senml-room/smoke
                shelved-until: 2026-11-30T12:00:00+08:00
                reason: Roof works, fire watch on site
                test-until: 2026-11-30T05:00:00Z
                reset-at: 2026-11-29T05:00:00Z
            add:
              - id: too-warm
                metric: temperature
                unit: Cel
                when: {above: -15}
                on-delay: 10m
                kind: supervisory
                severity: major
                name: {en: Freezer too warm, zh: 冷库温度过高}
            """;

    static RuleSet set(String yaml) {
        try {
            return RuleSet.parse(yaml, "test");
        } catch (RuleSetException e) {
            throw new AssertionError(e);
        }
    }

    private static List<String> errors(String yaml) {
        return catchThrowableOfType(RuleSetException.class, () -> RuleSet.parse(yaml, "test"))
                .errors();
    }

    private static List<String> misfits(String changes) {
        return set("id: s\nversion: 1000000\nchanges:\n" + changes).misfits(ProfileCatalog.builtIn(), List.of());
    }

    @Test
    void aRuleSetIsReadWithItsTimes() {
        RuleSet set = set(COLD_STORE);

        assertThat(set.version()).isEqualTo(1_000_007);
        Change hot = set.changes().get(0);
        assertThat(hot.when()).isEqualTo(new Condition.Above(40, 35));
        assertThat(hot.onDelayMs()).isEqualTo(20_000);
        assertThat(hot.severity()).isEqualTo(Severity.MAJOR);
        assertThat(hot.latching()).isTrue();
        assertThat(hot.enabled()).isNull();
        Change smoke = set.changes().get(2);
        assertThat(smoke.shelvedUntil()).isEqualTo(Instant.parse("2026-11-30T04:00:00Z"));
        assertThat(smoke.testUntil()).isEqualTo(Instant.parse("2026-11-30T05:00:00Z"));
        assertThat(smoke.resetAt()).isEqualTo(Instant.parse("2026-11-29T05:00:00Z"));
        RuleSet.Added added = set.added().get(0);
        assertThat(added.rule().id()).isEqualTo("cold-store/too-warm");
        assertThat(added.rule().version()).isEqualTo(1_000_007);
    }

    @Test
    void oneWithoutAnythingIsEmptyAndLegal() {
        assertThat(set("{\"id\": \"gone\", \"version\": 1000009}").isEmpty()).isTrue();
    }

    @Test
    void everythingThatIsWrongIsNamedAtOnceWithItsPath() {
        assertThat(errors(COLD_STORE
                        .replace("1000007", "7")
                        .replace("categories: [climate, heat]", "categories: [fish], devices: []")
                        .replace("rule: senml-room/hot", "rule: hot")
                        .replace("on-delay: 20s", "on-delay: soon\n    colour: red")
                        .replace("2026-11-30T12:00:00+08:00", "Monday")
                        .replace("unit: Cel", "unit: F")))
                .anyMatch(error -> error.startsWith("/version: rule sets are counted from 1000000"))
                .anyMatch(error -> error.startsWith("/scope/categories: 'fish' is none of"))
                .anyMatch(error -> error.startsWith("/scope/devices: names 1 to"))
                .anyMatch(error -> error.startsWith("/changes/0/rule: 'hot' is no rule such as"))
                .anyMatch(error -> error.startsWith("/changes/0/on-delay: is not a duration"))
                .anyMatch(error -> error.startsWith("/changes/0/colour: is no key"))
                .anyMatch(error -> error.startsWith("/changes/2/shelved-until: 'Monday' is no time"))
                .anyMatch(error -> error.startsWith("/add/0/unit: 'F' is no unit"))
                .hasSize(8);
    }

    @Test
    void aShelvedRuleSaysWhyAndAChangeChangesSomething() {
        assertThat(errors(COLD_STORE.replace("reason: Roof works, fire watch on site", "reason: \"\"")))
                .containsExactly("/changes/2/reason: is missing: whoever meets the silence must read why");
        assertThat(errors(
                        "{id: s, version: 1000000, changes: [{rule: a/b, reason: none}, {rule: a/b, enabled: true}]}"))
                .containsExactly(
                        "/changes/0: changes nothing",
                        "/changes/1/rule: 'a/b' is no rule such as senml-room/fire or */fire, or stands twice");
    }

    @Test
    void moreThanItsBoundIsRefused() {
        StringBuilder many = new StringBuilder("id: s\nversion: 1000000\nchanges:\n");
        for (int i = 0; i < 257; i++) {
            many.append("  - {rule: p/r").append(i).append(", enabled: true}\n");
        }
        assertThat(errors(many.toString())).containsExactly("/changes: more than 256");
    }

    @Test
    void aLifeSafetyAlarmCannotBeSilencedForGood() {
        assertThat(misfits("  - {rule: heat-en54-a1r/fixed, enabled: false}"))
                .singleElement()
                .asString()
                .startsWith("/changes/0/enabled: heat-en54-a1r/fixed is a life-safety alarm: shelve it");
        assertThat(misfits("  - {rule: heat-en54-a1r/fixed, armed: {zone: UTC, times: [\"00:00-01:00\"]}}"))
                .singleElement()
                .asString()
                .startsWith("/changes/0/armed");
        assertThat(misfits("  - {rule: heat-en54-a1r/fixed, on-delay: 181s}"))
                .singleElement()
                .asString()
                .startsWith("/changes/0/on-delay");
        assertThat(misfits("  - {rule: heat-en54-a1r/fixed, severity: info}"))
                .singleElement()
                .asString()
                .startsWith("/changes/0/severity");
        assertThat(misfits("  - {rule: heat-en54-a1r/fixed, when: {above: 100000}}"))
                .singleElement()
                .asString()
                .startsWith("/changes/0/when: the limit is beyond");
        assertThat(misfits("  - {rule: heat-en54-a1r/fixed, when: {fault: true}}"))
                .singleElement()
                .asString()
                .startsWith("/changes/0/when: a rule about values");
        assertThat(misfits("  - {rule: heat-en54-a1r/fixed, when: {above: 65}, on-delay: 3m, severity: major}"))
                .isEmpty();
        assertThat(misfits("  - {rule: heat-en54-a1r/fixed, shelved-until: 2026-11-30T00:00:00Z, reason: works}"))
                .isEmpty();
    }

    @Test
    void aRuleOrMetricThatNobodyHasIsNamed() {
        assertThat(misfits("  - {rule: heat-en54-a1r/fyre, enabled: true}\n  - {rule: \"*/nothing\", enabled: true}"))
                .containsExactly(
                        "/changes/0/rule: there is no rule 'heat-en54-a1r/fyre'",
                        "/changes/1/rule: there is no rule '*/nothing'");
        assertThat(set(COLD_STORE.replace("unit: Cel", "unit: K")).misfits(ProfileCatalog.builtIn(), List.of()))
                .anyMatch(error -> error.startsWith("/add/0/metric: no profile has temperature in 'K'"));
        assertThat(set("{id: senml-room, version: 1000000}").misfits(ProfileCatalog.builtIn(), List.of()))
                .singleElement()
                .asString()
                .startsWith("/id: 'senml-room' is the name of rules");
    }

    @Test
    void aSetMayChangeARuleThatAnotherSetAdds() {
        RuleSet other = set("{id: s, version: 1000000, changes: [{rule: cold-store/too-warm, enabled: false}]}");

        assertThat(other.misfits(ProfileCatalog.builtIn(), List.of()))
                .containsExactly("/changes/0/rule: there is no rule 'cold-store/too-warm'");
        assertThat(other.misfits(ProfileCatalog.builtIn(), List.of(set(COLD_STORE))))
                .isEmpty();
    }
}
