package dev.tocsin.profiles.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tocsin.profiles.alert.Severity;
import java.util.Map;
import org.junit.jupiter.api.Test;

class SettingsTest {
    @Test
    void anArgumentGoesBeforeTheEnvironmentAndThatBeforeTheDefault() {
        Settings settings = new Settings(
                new String[] {"--broker.url=a", "--shards=8"},
                Map.of("TOCSIN_BROKER_URL", "b", "TOCSIN_DATABASE_URL", "c", "TOCSIN_BROKER_PASSWORD_FILE", "d"));
        assertThat(settings.text("broker.url", "x")).isEqualTo("a");
        assertThat(settings.text("database.url", "x")).isEqualTo("c");
        assertThat(settings.optional("broker.password-file")).isEqualTo("d");
        assertThat(settings.text("data", "x")).isEqualTo("x");
        assertThat(settings.integer("shards", "shards", 4, 1, 64)).isEqualTo(8);
        assertThat(settings.millis("flush", 200, 1, 1000)).hasMillis(200);
        assertThat(settings.choice("least", Severity.class, Severity.MINOR)).isEqualTo(Severity.MINOR);
        assertThatCode(settings::finish).doesNotThrowAnyException();
        assertThat(settings.keys()).extracting("name").startsWith("broker.url", "database.url");
    }

    @Test
    void allErrorsAreReportedTogether() {
        Settings settings = new Settings(
                new String[] {"shards", "--shards=0", "--flag=maybe", "--least=loud", "--typo=1"}, Map.of());
        settings.integer("shards", "shards", 4, 1, 64);
        settings.flag("flag", true);
        settings.choice("least", Severity.class, Severity.MINOR);
        settings.required("gateway");
        assertThatThrownBy(settings::finish)
                .isInstanceOf(Settings.InvalidException.class)
                .hasMessageContainingAll(
                        "'shards' is not of the form --key=value",
                        "--shards (TOCSIN_SHARDS) = '0' is not a whole number from 1 to 64",
                        "'maybe' is neither true nor false",
                        "'loud' is none of critical, major",
                        "--gateway (TOCSIN_GATEWAY) is required",
                        "--typo is no key of this process");
    }
}
