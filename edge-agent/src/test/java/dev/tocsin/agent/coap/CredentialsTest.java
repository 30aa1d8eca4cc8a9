package dev.tocsin.agent.coap;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

class CredentialsTest {
    private static final String KEY = "30313233343536373839616263646566";
    private static final String OTHER_KEY = "66656463626139383736353433323130";

    @TempDir
    Path folder;

    private final ListAppender<ILoggingEvent> log = new ListAppender<>();
    private Path file;
    private Credentials credentials;

    @BeforeEach
    void listen() throws Exception {
        file = Files.createFile(folder.resolve("credentials"), mode("rw-------"));
        credentials = new Credentials(file);
        log.start();
        ((Logger) LoggerFactory.getLogger(Credentials.class)).addAppender(log);
    }

    @AfterEach
    void stopListening() {
        ((Logger) LoggerFactory.getLogger(Credentials.class)).detachAppender(log);
    }

    private static java.nio.file.attribute.FileAttribute<?> mode(String permissions) {
        return PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(permissions));
    }

    private void write(String... lines) throws Exception {
        Files.write(file, List.of(lines));
    }

    @Test
    void eachLineSaysWhoADeviceIs() throws Exception {
        write("# the hall", "", "hall, " + KEY + " , hall-3", "meter 7,certificate,room-m");
        assertThat(credentials.readAgain()).isEmpty();
        assertThat(credentials.find("hall").device()).isEqualTo("hall-3");
        assertThat(credentials.find("hall").key()).asString().isEqualTo("0123456789abcdef");
        assertThat(credentials.find("meter 7").key()).isNull();
        assertThat(credentials.has("room-m")).isTrue();
        assertThat(credentials.withKeyOf("hall-3").identity()).isEqualTo("hall");
        assertThat(credentials.withKeyOf("room-m")).isNull();
        assertThat(credentials.badLines()).isZero();
    }

    @Test
    void badLinesAreToldByNumberWithoutTheirSecretsAndTheOthersAreInForce() throws Exception {
        write(
                "good," + KEY + ",room-1",
                "short,3031,room-2",
                "odd,this-is-secret,room-3",
                "two parts," + KEY,
                "bad device," + KEY + ",room 4",
                "," + KEY + ",room-5",
                "good," + OTHER_KEY + ",room-6",
                "also good," + OTHER_KEY + ",room-7");
        credentials.readAgain();
        assertThat(credentials.size()).isEqualTo(2);
        assertThat(credentials.badLines()).isEqualTo(6);
        assertThat(credentials.find("good").device()).isEqualTo("room-1");
        List<String> said =
                log.list.stream().map(ILoggingEvent::getFormattedMessage).toList();
        for (int line = 2; line <= 7; line++) {
            String number = "line " + line + ":";
            assertThat(said).anyMatch(sentence -> sentence.contains(number));
        }
        assertThat(said).noneMatch(sentence -> sentence.contains("secret") || sentence.contains("3031"));
    }

    @Test
    void aFileThatOthersMayReadIsNotTakenAndWhatWasInForceStays() throws Exception {
        write("hall," + KEY + ",hall-3");
        credentials.readAgain();
        write("hall," + OTHER_KEY + ",hall-3");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r-----"));
        assertThatThrownBy(credentials::readAgain)
                .isInstanceOf(Credentials.UnusableException.class)
                .hasMessageContaining("chmod 600");
        assertThat(credentials.find("hall").key()).asString().isEqualTo("0123456789abcdef");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
        assertThat(credentials.readAgain()).containsExactly("hall");
        assertThat(credentials.find("hall").key()).asString().isEqualTo("fedcba9876543210");
    }

    @Test
    void whatChangedIsToldSoThatItsSessionsEnd() throws Exception {
        write(
                "same," + KEY + ",room-1",
                "key," + KEY + ",room-2",
                "device," + KEY + ",room-3",
                "gone," + KEY + ",room-4");
        credentials.readAgain();
        assertThat(credentials.readAgain()).isEmpty();
        write(
                "same," + KEY + ",room-1",
                "key," + OTHER_KEY + ",room-2",
                "device," + KEY + ",room-9",
                "new," + KEY + ",x");
        assertThat(credentials.readAgain()).containsExactlyInAnyOrder("key", "device", "gone");
        assertThat(credentials.has("room-4")).isFalse();
    }

    @Test
    void aFileThatIsGoneLeavesEverythingInForce() throws Exception {
        write("hall," + KEY + ",hall-3");
        credentials.readAgain();
        Files.delete(file);
        assertThatThrownBy(credentials::readAgain).hasMessageContaining("cannot be read");
        assertThat(credentials.has("hall-3")).isTrue();
    }
}
