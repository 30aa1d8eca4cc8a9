package dev.tocsin.profiles.correlate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CorrelationRulesTest {

    @Test
    void the_built_in_rules_are_right_and_chatter_is_three_in_a_minute() {
        CorrelationRules rules = CorrelationRules.builtIn();

        assertThat(rules.chattering()).isEqualTo(new CorrelationRules.Chattering(3, 60_000, 60_000, 900_000));
        assertThat(rules.coincidences()).isNotEmpty();
        assertThat(rules.longestWindowMs()).isEqualTo(1_800_000);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "柳荫巷5号 2层 · 5 Willow Lane, floor 2 | 柳荫巷5号",
                "中山路5号3号楼 201 | 中山路5号3号楼",
                "阳光小区 12栋 3单元 | 阳光小区 12栋",
                "Building 4, Kitchen | Building 4",
                "Hall | Hall"
            })
    void the_name_of_a_place_begins_with_its_building(String place, String building) {
        CorrelationRules rules = CorrelationRules.builtIn();

        assertThat(rules.buildingOf(CorrelatorTest.alert("*/smoke", "d", place, 0)))
                .isEqualTo(building);
    }

    @Test
    void everything_that_is_wrong_is_told_at_once_each_with_its_place() {
        String wrong = """
                version: 0
                building: "("
                signs: {smoke: ["smoke"], heat: []}
                chattering: {raises: 9, within: 2h, quiet: 1m}
                coincidences:
                  - id: a/b
                    within: town
                    window: 100ms
                    any: [{devices: 1, of: [smoke]}, {each: [smoke]}, {devices: 2, of: [fog]}]
                    name: {en: A, zh: A}
                    kind: trouble
                    severity: critical
                sequences: [{id: s, within: area, window: 1m, steps: [smoke], name: {en: A, zh: A}, kind: security, severity: major}]
                spreadings: [{id: s, within: area, window: 1m, of: [smoke], steps: []}]
                floods: [{id: f, within: area, window: 1m, kinds: [fire], count: 1, more: 1}]
                colour: red
                """;

        CorrelationException thrown =
                catchThrowableOfType(CorrelationException.class, () -> CorrelationRules.parse(wrong, "site.yaml"));

        assertThat(thrown).hasMessageStartingWith("site.yaml:");
        assertThat(thrown.errors())
                .anyMatch(error -> error.startsWith("/version: "))
                .anyMatch(error -> error.startsWith("/building: is no regular expression"))
                .anyMatch(error -> error.startsWith("/signs/smoke: 'smoke' is no rule"))
                .anyMatch(error -> error.startsWith("/signs/heat: "))
                .anyMatch(error -> error.startsWith("/chattering/raises: is not within 2 to 8"))
                .anyMatch(error -> error.startsWith("/chattering/within: "))
                .anyMatch(error -> error.equals("/chattering/remind: is missing"))
                .anyMatch(error -> error.startsWith("/coincidences/0/id: "))
                .anyMatch(error -> error.startsWith("/coincidences/0/within: "))
                .anyMatch(error -> error.startsWith("/coincidences/0/window: "))
                .anyMatch(error -> error.startsWith("/coincidences/0/any/0/devices: "))
                .anyMatch(error -> error.startsWith("/coincidences/0/any/1/each: "))
                .anyMatch(error -> error.startsWith("/coincidences/0/any/2/of: there is no sign 'fog'"))
                .anyMatch(error -> error.startsWith("/coincidences/0/kind: "))
                .anyMatch(error -> error.startsWith("/sequences/0/steps: "))
                .anyMatch(error -> error.startsWith("/spreadings/0/id: "))
                .anyMatch(error -> error.startsWith("/spreadings/0/steps: "))
                .anyMatch(error -> error.startsWith("/floods/0/kinds: 'fire'"))
                .anyMatch(error -> error.startsWith("/floods/0/count: "))
                .anyMatch(error -> error.startsWith("/floods/0/more: is no key"))
                .anyMatch(error -> error.startsWith("/colour: is no key"));
    }

    @Test
    void what_is_no_object_or_lacks_everything_is_an_error_too() {
        for (String text : new String[] {"", "[]", "{", "version: 1"}) {
            assertThat(catchThrowableOfType(CorrelationException.class, () -> CorrelationRules.parse(text, "x")))
                    .as(text)
                    .isNotNull();
        }
    }

    @Test
    void every_rule_that_the_built_in_signs_name_exists_in_a_profile() throws Exception {
        var catalog = dev.tocsin.profiles.profile.ProfileCatalog.builtIn();
        for (Sign sign : CorrelationRules.builtIn().signs()) {
            for (String rule : sign.rules()) {
                Sign one = new Sign(sign.name(), java.util.List.of(rule));
                assertThat(catalog.all().stream()
                                .flatMap(profile -> profile.rules().stream())
                                .anyMatch(known -> one.covers(known.id())))
                        .as(rule)
                        .isTrue();
            }
        }
    }
}
