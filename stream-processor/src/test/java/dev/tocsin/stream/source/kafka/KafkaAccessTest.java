package dev.tocsin.stream.source.kafka;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tocsin.profiles.config.Settings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class KafkaAccessTest {
    @TempDir
    Path folder;

    @Test
    void withoutServersThereIsNoKafka() {
        assertThat(read()).isNull();
    }

    @Test
    void serversTopicsAndTheFileOfTheClientMakeAnAccessThatDoesNotTellItsSecrets() throws IOException {
        KafkaAccess access = read(
                "kafka.bootstrap-servers=a:9092, b:9092",
                "kafka.topics=up-1, up-2",
                "kafka.properties=" + file("security.protocol=SASL_SSL\nsasl.jaas.config=secret"));

        assertThat(access.topics()).containsExactly("up-1", "up-2");
        assertThat(access.properties())
                .containsEntry("group.id", "tocsin-alarm")
                .containsEntry("security.protocol", "SASL_SSL");
        assertThat(access).hasToString("a:9092, b:9092 as tocsin-alarm");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
                    kafka.topics=up | no effect without
                    kafka.bootstrap-servers=a:9092 | needs either
                    kafka.bootstrap-servers=a:9092 kafka.topics=up kafka.topic-pattern=u.* | needs either
                    kafka.bootstrap-servers=a kafka.topics=up | 'a' is not of the form
                    kafka.bootstrap-servers=a:9092 kafka.topic-pattern=( | '(': Unclosed group
                    kafka.bootstrap-servers=a:9092 kafka.topics=up, | names no topic
                    """)
    void whatDoesNotGoTogetherStopsTheStart(String arguments, String problem) {
        assertThatThrownBy(() -> read(arguments.split(" ")))
                .isInstanceOf(Settings.InvalidException.class)
                .hasMessageContaining(problem);
    }

    @Test
    void aFileThatIsNotThereOrIsWrongStopsTheStart() throws IOException {
        assertThatThrownBy(() -> withFile(folder.resolve("none").toString())).hasMessageContaining("cannot read");
        String takesOver = file("group.id=mine");
        assertThatThrownBy(() -> withFile(takesOver)).hasMessageContaining(takesOver + " sets group.id");
        String wrong = file("security.protocol=TELNET");
        assertThatThrownBy(() -> withFile(wrong)).hasMessageContaining("security.protocol");
    }

    private static KafkaAccess withFile(String file) {
        return read("kafka.bootstrap-servers=a:9092", "kafka.topics=up", "kafka.properties=" + file);
    }

    private String file(String content) throws IOException {
        return Files.writeString(Files.createTempFile(folder, "kafka", ".properties"), content)
                .toString();
    }

    private static KafkaAccess read(String... arguments) {
        Settings settings = new Settings(
                Arrays.stream(arguments).map(argument -> "--" + argument).toArray(String[]::new), Map.of());
        KafkaAccess access = KafkaAccess.read(settings, "alarm");
        settings.finish();
        return access;
    }
}
