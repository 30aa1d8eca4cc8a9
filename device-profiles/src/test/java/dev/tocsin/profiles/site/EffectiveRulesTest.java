package dev.tocsin.profiles.site;

import static dev.tocsin.profiles.site.RuleSetTest.set;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tocsin.profiles.detect.Rule;
import dev.tocsin.profiles.profile.Profile;
import dev.tocsin.profiles.profile.ProfileException;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class EffectiveRulesTest {
    private static final String[] GRID = {"district", "town", "grid-7"};
    private static final Profile PROFILE = profile(3);

    private static Profile profile(int version) {
        try {
            return Profile.parse("""
                    id: test-heat
                    version: %d
                    name: {en: Heat, zh: 热}
                    category: climate
                    codec: {type: senml}
                    metrics:
                      t: {unit: Cel, label: {en: T, zh: 温}, min: -40, max: 200}
                    rules:
                      - {id: fire, metric: t, when: {above: 57}, kind: alarm, severity: critical, name: {en: F, zh: 火}}
                      - {id: warm, metric: t, when: {above: 30}, kind: supervisory, severity: minor, name: {en: W, zh: 暖}}
                    """.formatted(version), "test");
        } catch (ProfileException e) {
            throw new AssertionError(e);
        }
    }

    private static EffectiveRules rules(String... sets) {
        EffectiveRules rules = EffectiveRules.NONE;
        int version = RuleSet.FIRST_VERSION;
        for (String text : sets) {
            rules = rules.with(set("version: " + version++ + "\n" + text));
        }
        return rules;
    }

    private static Optional<Rule> rule(EffectiveRules rules, String id, String device) {
        return rules.of(PROFILE, device, GRID).profile().rules().stream()
                .filter(rule -> rule.id().equals(id))
                .findFirst();
    }

    private static double limit(EffectiveRules rules, String device) {
        return rule(rules, "test-heat/warm", device).orElseThrow().condition().limit();
    }

    private static String warm(String id, String scope, int limit) {
        return "id: " + id + "\nscope: " + scope + "\nchanges: [{rule: test-heat/warm, when: {above: " + limit + "}}]";
    }

    @Test
    void withoutRuleSetsAProfileIsWhatItIs() {
        assertThat(EffectiveRules.NONE.of(PROFILE, "d", GRID).profile()).isSameAs(PROFILE);
        EffectiveRules elsewhere = rules(warm("s", "{areas: [elsewhere]}", 40));
        assertThat(elsewhere.of(PROFILE, "d", GRID).profile()).isSameAs(PROFILE);
        assertThat(elsewhere.of(PROFILE, "d", GRID).mark()).isEqualTo(3);
    }

    @Test
    void aScopeNeedsOneOfEachKindThatItNames() {
        assertThat(limit(rules(warm("s", "{areas: [x, town], profiles: [test-heat], categories: [climate]}", 40)), "d"))
                .isEqualTo(40);
        assertThat(limit(rules(warm("s", "{areas: [town], categories: [smoke]}", 40)), "d"))
                .isEqualTo(30);
        assertThat(limit(rules(warm("s", "{devices: [other]}", 40)), "d")).isEqualTo(30);
        assertThat(limit(rules("id: s\nchanges: [{rule: '*/warm', when: {above: 40}}]"), "d"))
                .isEqualTo(40);
    }

    @Test
    void theSetThatNamesTheDeviceMostCloselyHasTheLastWord() {
        EffectiveRules rules = rules(
                warm("a-device", "{devices: [d]}", 36),
                warm("b-grid", "{areas: [grid-7]}", 35),
                warm("c-town", "{areas: [town]}", 34),
                warm("d-profile", "{profiles: [test-heat]}", 33),
                warm("e-category", "{categories: [climate]}", 32),
                warm("f-all", "{}", 31));
        assertThat(limit(rules, "d")).isEqualTo(36);
        assertThat(limit(rules, "other")).isEqualTo(35);
        assertThat(limit(rules.without("b-grid"), "other")).isEqualTo(34);
        assertThat(limit(rules.without("b-grid").without("c-town"), "other")).isEqualTo(33);
        assertThat(limit(rules.without("b-grid").without("c-town").without("d-profile"), "other"))
                .isEqualTo(32);
    }

    @Test
    void equallyCloseSetsApplyInTheOrderOfTheirIds() {
        assertThat(limit(rules(warm("b", "{}", 40), warm("a", "{}", 41)), "d")).isEqualTo(40);
    }

    @Test
    void aCloserSetLeavesTheKeysThatItDoesNotName() {
        EffectiveRules rules = rules(
                warm("all", "{}", 40), "id: one\nscope: {devices: [d]}\nchanges: [{rule: '*/warm', on-delay: 9s}]");
        Rule warm = rule(rules, "test-heat/warm", "d").orElseThrow();
        assertThat(warm.condition().limit()).isEqualTo(40);
        assertThat(warm.onDelayMs()).isEqualTo(9_000);
        assertThat(warm.version()).as("the newest that had a say").isEqualTo(1_000_001);
        assertThat(rule(rules, "test-heat/fire", "d").orElseThrow().version()).isEqualTo(3);
    }

    @Test
    void aRuleIsDisabledAndForOneDeviceEnabledAgain() {
        EffectiveRules rules = rules(
                "id: all\nchanges: [{rule: test-heat/warm, enabled: false}]",
                "id: one\nscope: {devices: [d]}\nchanges: [{rule: test-heat/warm, enabled: true}]");
        assertThat(rule(rules, "test-heat/warm", "other")).isEmpty();
        assertThat(rule(rules, "test-heat/warm", "d")).isPresent();
    }

    @Test
    void aChangeThatWouldSilenceALifeSafetyAlarmForGoodIsNotMadeWhoeverSendsIt() {
        EffectiveRules rules = rules("id: s\nchanges: [{rule: '*/fire', enabled: false, severity: info}]");
        assertThat(rule(rules, "test-heat/fire", "d").orElseThrow())
                .isEqualTo(PROFILE.rules().get(0));
    }

    @Test
    void aRuleOfTheSitesOwnAppliesWhereTheMetricHasItsUnitAndCanItselfBeChanged() {
        String cold = "id: store\nadd: [{id: cold, metric: t, unit: Cel, when: {below: 2}, kind: supervisory,"
                + " severity: minor, name: {en: C, zh: 冷}}]";
        EffectiveRules rules =
                rules(cold, "id: one\nscope: {devices: [d]}\nchanges: [{rule: store/cold, when: {below: 4}}]");
        assertThat(rule(rules, "store/cold", "other").orElseThrow().condition().limit())
                .isEqualTo(2);
        assertThat(rule(rules, "store/cold", "d").orElseThrow().condition().limit())
                .isEqualTo(4);
        assertThat(rule(rules(cold.replace("Cel", "K")), "store/cold", "d")).isEmpty();
    }

    @Test
    void theMarkDiffersWhenAnythingWasDecidedDifferently() {
        EffectiveRules one = rules(warm("s", "{}", 40));
        EffectiveRules two = rules(warm("s", "{}", 40), warm("t", "{}", 40));
        long mark = one.of(PROFILE, "d", GRID).mark();
        assertThat(two.of(PROFILE, "d", GRID).mark()).isNotEqualTo(mark);
        assertThat(two.without("t").of(PROFILE, "d", GRID).mark()).isEqualTo(mark);
        assertThat(one.of(profile(4), "d", GRID).mark()).isNotEqualTo(mark);
        assertThat(one.with(set("version: 1000005\n" + warm("s", "{}", 41)))
                        .of(PROFILE, "d", GRID)
                        .mark())
                .isNotEqualTo(mark);
        assertThat(one.with(set("version: 1000005\nid: empty"))
                        .of(PROFILE, "d", GRID)
                        .mark())
                .isEqualTo(mark);
    }
}
