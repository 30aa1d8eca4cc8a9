package dev.tocsin.agent.coap;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tocsin.agent.desired.Registry;
import dev.tocsin.profiles.codec.Decoding;
import dev.tocsin.profiles.codec.Decoding.Decoded;
import dev.tocsin.profiles.codec.Decoding.Refused;
import dev.tocsin.profiles.codec.Incoming;
import dev.tocsin.profiles.desired.GatewayState.Enrolment;
import dev.tocsin.profiles.profile.Profile;
import dev.tocsin.profiles.profile.ProfileCatalog;
import dev.tocsin.profiles.reading.Rejected.Reason;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Who may speak for whom. */
class EntitlementTest {
    private static final String KEY = ",30313233343536373839616263646566,";
    private static final String PANEL = """
            id: panel
            version: 1
            name: {en: Panel, zh: 主机}
            category: smoke
            sources: {coap: ["panels/{device}", "panel"]}
            codec: {type: senml, children: true}
            metrics:
              smoke: {unit: "", label: {en: Smoke, zh: 烟雾}, min: 0, max: 1}
            """;
    private static final Caller PANEL_1 = new Caller("p1", true, "panel-1");
    private static final Caller ANYBODY = new Caller("192.0.2.7", false, null);

    @TempDir
    Path folder;

    private Registry registry;
    private Entitlement entitlement;

    @BeforeEach
    void giveCredentials() throws Exception {
        Path file = Files.createFile(
                folder.resolve("credentials"),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        Files.writeString(file, "p1" + KEY + "panel-1\nd7" + KEY + "detector-7\n");
        Credentials credentials = new Credentials(file);
        credentials.readAgain();
        registry = new Registry(
                "gw-1",
                Enrolment.OPEN,
                ProfileCatalog.of(List.of(Profile.parse(PANEL, "panel.yaml"))),
                Clock.systemUTC(),
                () -> true);
        entitlement = new Entitlement(registry, credentials);
    }

    private Decoding judged(Caller caller, String path, String senMl) {
        Incoming incoming = new Incoming(
                Incoming.Transport.COAP,
                path,
                110,
                senMl.getBytes(StandardCharsets.UTF_8),
                Map.of(),
                System.currentTimeMillis());
        return entitlement.judge(incoming, registry.decoder().decode(incoming), caller);
    }

    private static String smokeOf(String detector) {
        return "[{\"n\":\"" + detector + "/smoke\",\"vb\":true}]";
    }

    private static Reason reason(Decoding decoding) {
        assertThat(decoding).isInstanceOf(Refused.class);
        assertThat(((Refused) decoding).unheard()).isNull();
        return ((Refused) decoding).reason();
    }

    @Test
    void aConcentratorSpeaksForWhatIsBelowIt() {
        assertThat(judged(PANEL_1, "panels/panel-1", smokeOf("detector-3"))).isInstanceOf(Decoded.class);
    }

    @Test
    void aConcentratorDoesNotSpeakForADeviceThatCanSpeakForItself() {
        assertThat(reason(judged(PANEL_1, "panels/panel-1", smokeOf("detector-7"))))
                .isEqualTo(Reason.NOT_ENTITLED);
    }

    @Test
    void nobodySpeaksFromAnothersPlaceNotEvenForItself() {
        assertThat(reason(judged(PANEL_1, "panels/panel-2", smokeOf("panel-1"))))
                .isEqualTo(Reason.NOT_ENTITLED);
        assertThat(reason(judged(PANEL_1, "panels/panel-2", "rubbish"))).isEqualTo(Reason.NOT_ENTITLED);
    }

    @Test
    void withoutCredentialsOneSpeaksForThoseThatHaveNone() {
        assertThat(judged(ANYBODY, "panels/panel-2", smokeOf("detector-3"))).isInstanceOf(Decoded.class);
        assertThat(reason(judged(ANYBODY, "panels/panel-1", smokeOf("detector-3"))))
                .isEqualTo(Reason.UNAUTHENTICATED);
        assertThat(reason(judged(ANYBODY, "panels/panel-2", smokeOf("detector-7"))))
                .isEqualTo(Reason.UNAUTHENTICATED);
    }

    @Test
    void credentialsThatAreNoLongerInForceSpeakForNobody() {
        Caller former = new Caller("p0", true, null);
        assertThat(reason(judged(former, "panels/panel-9", smokeOf("detector-3"))))
                .isEqualTo(Reason.NOT_ENTITLED);
    }
}
