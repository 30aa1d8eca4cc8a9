package dev.tocsin.profiles.site;

import static dev.tocsin.profiles.site.RuleSetTest.set;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tocsin.profiles.alert.Severity;
import dev.tocsin.profiles.detect.Rule;
import dev.tocsin.profiles.profile.Profile;
import dev.tocsin.profiles.profile.ProfileException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
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

    private static Profile reporting(String kind) throws ProfileException {
        return Profile.parse("""
                id: test-%s
                version: 3
                name: {en: Heat, zh: 热}
                category: climate
                codec: {type: senml}
                report: {interval: 10s, silent-after: 60s}
                metrics:
                  t: {unit: Cel, label: {en: T, zh: 温}, min: -40, max: 200}
                rules:
                  - {id: hot, metric: t, when: {above: 57}, kind: %s, severity: major, name: {en: F, zh: 火}}
                """.formatted(kind, kind), "test");
    }

    private static SilenceRule silence(Profile profile, String change) {
        return rules("id: s\nchanges: [{rule: '*/silence', " + change + "}]")
                .of(profile, "d", GRID)
                .silence();
    }

    @Test
    void theRuleAboutSilenceIsTunedAndShelvedUntilATime() throws ProfileException {
        SilenceRule tuned = silence(
                reporting("alarm"),
                "on-delay: 5m, severity: major, shelved-until: '2026-11-30T00:00:00Z', reason: roof works");

        assertThat(tuned.id()).isEqualTo("test-alarm/silence");
        assertThat(tuned.afterMs()).isEqualTo(300_000);
        assertThat(tuned.severity()).isEqualTo(Severity.MAJOR);
        assertThat(tuned.version()).isEqualTo(1_000_000);
        Instant end = Instant.parse("2026-11-30T00:00:00Z");
        assertThat(tuned.suspendsAt(end.toEpochMilli() - 1)).isTrue();
        assertThat(tuned.suspendsAt(end.toEpochMilli())).isFalse();
    }

    @Test
    void theSilenceOfALifeSafetyDeviceIsNeitherDisabledNorPutOffByMoreThanADay() throws ProfileException {
        SilenceRule untouched = SilenceRule.of(reporting("alarm"));
        assertThat(silence(reporting("alarm"), "enabled: false")).isEqualTo(untouched);
        assertThat(silence(reporting("alarm"), "on-delay: 25h")).isEqualTo(untouched);
        assertThat(silence(reporting("alarm"), "on-delay: 0s")).isEqualTo(untouched);
        assertThat(silence(reporting("alarm"), "severity: info")).isEqualTo(untouched);
        assertThat(silence(reporting("supervisory"), "enabled: false").afterMs())
                .isZero();
        assertThat(silence(reporting("supervisory"), "on-delay: 25h").afterMs()).isEqualTo(25 * 3_600_000L);
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    @Test
    void aMessageAddsReplacesAndEndsASetAndOneThatIsOlderWrongOrAnothersChangesNothing() throws RuleSetException {
        String topic = "tocsin/v1/state/rules/s";
        EffectiveRules first = EffectiveRules.NONE.after(topic, bytes("version: 1000002\n" + warm("s", "{}", 40)));
        assertThat(limit(first, "d")).isEqualTo(40);
        assertThat(first.after(topic, bytes("version: 1000002\n" + warm("s", "{}", 50))))
                .as("told again")
                .isSameAs(first);
        assertThatThrownBy(() -> first.after(topic, bytes("version: 1000001\n" + warm("s", "{}", 50))))
                .hasMessageContaining("/version: 1000001 is older than 1000002, which stays");
        assertThatThrownBy(() -> first.after(topic, bytes("version: 1000003\n" + warm("t", "{}", 50))))
                .hasMessageContaining("/id: 't' is not that of the topic");
        assertThatThrownBy(() -> first.after(topic, bytes("version: 1000003\nid: s\nchanges: no")))
                .isInstanceOf(RuleSetException.class);

        assertThat(limit(first.after(topic, bytes("version: 1000003\n" + warm("s", "{}", 50))), "d"))
                .isEqualTo(50);
        assertThat(first.after(topic, bytes("version: 1000003\nid: s")).all()).isEmpty();
        assertThat(first.after(topic, new byte[0]).all()).isEmpty();
        assertThat(EffectiveRules.NONE.after(topic, bytes("version: 1000003\nid: s")))
                .isSameAs(EffectiveRules.NONE);
    }

    @Test
    void beyondTheBoundNoFurtherSetIsTakenAndThoseThatAreThereCanBeReplaced() throws RuleSetException {
        EffectiveRules full = EffectiveRules.NONE;
        for (int i = 0; i < RuleSet.MAX_SETS; i++) {
            full = full.with(set("version: 1000000\n" + warm("s" + i, "{devices: [d" + i + "]}", 40)));
        }
        EffectiveRules known = full;
        assertThatThrownBy(() -> known.after("rules/more", bytes("version: 1000001\n" + warm("more", "{}", 40))))
                .hasMessageContaining("500 rule sets already");
        assertThat(limit(known.after("rules/s0", bytes("version: 1000001\n" + warm("s0", "{}", 41))), "other"))
                .isEqualTo(41);
    }
}
