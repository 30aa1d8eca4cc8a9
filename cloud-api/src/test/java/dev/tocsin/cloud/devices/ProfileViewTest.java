package dev.tocsin.cloud.devices;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import dev.tocsin.profiles.detect.Condition;
import dev.tocsin.profiles.profile.ProfileCatalog;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

class ProfileViewTest {

    @Test
    void every_kind_of_condition_has_a_name_of_its_own_and_the_contract_knows_it() throws IOException {
        List<String> contract = new ArrayList<>();
        try (InputStream in = ProfileView.class.getResourceAsStream("/openapi.yaml")) {
            JsonNode names = new YAMLMapper().readTree(in).at("/components/schemas/Rule/properties/condition/enum");
            names.forEach(name -> contract.add(name.asText()));
        }

        assertThat(ProfileView.CONDITIONS.keySet().toArray())
                .containsExactlyInAnyOrder((Object[]) Condition.class.getPermittedSubclasses());
        assertThat(contract).containsExactlyInAnyOrderElementsOf(ProfileView.CONDITIONS.values());
    }

    @Test
    void what_is_unusual_is_not_shown_as_a_rate() {
        ProfileView main =
                ProfileView.of(Objects.requireNonNull(ProfileCatalog.builtIn().find("water-pressure")));

        assertThat(main.rules())
                .filteredOn(rule -> rule.metric().equals("pressure"))
                .extracting(ProfileView.RuleView::condition)
                .containsExactlyInAnyOrder("below", "rate_of_fall", "unusual", "fault");
    }
}
