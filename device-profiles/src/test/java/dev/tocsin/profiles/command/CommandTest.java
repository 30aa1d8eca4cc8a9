package dev.tocsin.profiles.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tocsin.profiles.desired.DesiredJson;
import dev.tocsin.profiles.desired.GatewayStatus;
import dev.tocsin.profiles.profile.DeviceCommand;
import dev.tocsin.profiles.profile.Profile;
import dev.tocsin.profiles.profile.ProfileException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Commands and what goes with them, on the wire. */
class CommandTest {
    private static final String TIMES = "\"issued\":\"2026-06-01T00:00:00Z\",\"deadline\":\"2026-06-01T00:01:00Z\"";

    private static Command read(String json) {
        return Command.read(json.getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void aCommandIsReadAsItWasWritten() {
        Instant now = Instant.parse("2026-06-01T00:00:00Z");
        Command command =
                new Command("c1", Command.Kind.DEVICE, now, now.plusSeconds(60), "horn", Map.of("command", "volume"));
        assertThat(Command.read(DesiredJson.write(command))).isEqualTo(command);
        assertThat(read("{\"id\":\"c2\",\"kind\":\"SILENCE\"," + TIMES + "}").arguments())
                .isEmpty();
    }

    @Test
    void whatCannotBeACommandIsRefusedNamingTheField() {
        assertThatThrownBy(() -> read("{\"id\":\"a/b\",\"kind\":\"SILENCE\"," + TIMES + "}"))
                .hasMessageContaining("a/b");
        assertThatThrownBy(() -> read("{\"id\":\"c\",\"kind\":\"RESET\"," + TIMES + "}"))
                .hasMessageContaining("RESET needs a device");
        assertThatThrownBy(() -> read("{\"id\":\"c\",\"kind\":\"SILENCE\",\"issued\":\"2026-06-01T00:00:00Z\","
                        + "\"deadline\":\"2026-06-03T00:00:00Z\"}"))
                .hasMessageContaining("deadline");
        assertThatThrownBy(() -> read("{\"id\":\"c\"," + TIMES + "}")).hasMessageContaining("kind");
        assertThatThrownBy(() -> Command.read(new byte[Command.MAX_BYTES + 1])).hasMessageContaining("bytes");
    }

    @Test
    void aNumberAmongTheArgumentsIsHeldToItsRange() {
        Command silence = read("{\"id\":\"c\",\"kind\":\"SILENCE\",\"arguments\":{\"minutes\":\"5\"}," + TIMES + "}");
        assertThat(silence.number("minutes", 0, 1, 10)).isEqualTo(5);
        assertThat(silence.number("other", 7, 1, 10)).isEqualTo(7);
        assertThatThrownBy(() -> silence.number("minutes", 0, 6, 10)).hasMessageContaining("6 to 10");
    }

    @Test
    void aStatusOfAnAgentThatKnewNoMoreIsStillRead() {
        GatewayStatus old = DesiredJson.read(
                "{\"gateway\":\"g\",\"online\":true,\"registryVersion\":3,\"clockSynchronized\":true}"
                        .getBytes(StandardCharsets.UTF_8),
                GatewayStatus.class);
        assertThat(old.registryVersion()).isEqualTo(3);
        assertThat(old.running()).isNull();
        assertThat(old.refused()).isEmpty();
    }

    private static String profile(String commands) {
        return """
                id: p
                version: 1
                name: {en: P, zh: 型号}
                category: smoke
                codec: {type: senml}
                metrics: {t: {unit: Cel, label: {en: T, zh: 温度}, min: 0, max: 1}}
                commands:
                """ + commands.indent(2);
    }

    @Test
    void aProfilesCommandsSurviveItsJsonAndTakeNoWordsThatCouldBreakThem() throws Exception {
        Profile profile = Profile.parse(profile("""
                        volume: {label: {en: V, zh: 音量}, mqtt: 'a/{device}/set', payload: '{"v":{value}}'}
                        'on': {label: {en: Relay on, zh: 吸合}, coap-post: 'r/{device}', payload: '1'}
                        """), "test");
        assertThat(Profile.parse(profile.toJson(), "json")).isEqualTo(profile);
        DeviceCommand volume = profile.commands().get("volume");
        assertThat(volume.targetOf("d1")).isEqualTo("a/d1/set");
        assertThat(volume.payloadWith("7")).isEqualTo("{\"v\":7}");
        assertThatThrownBy(() -> volume.payloadWith("7,\"x\":1")).hasMessageContaining("does not match");
        assertThatThrownBy(() -> volume.payloadWith("")).hasMessageContaining("does not match");
        assertThatThrownBy(() -> profile.commands().get("on").payloadWith("1")).hasMessageContaining("takes no value");
    }

    @Test
    void aCommandThatGoesNowhereOrIntoThePlatformIsAnErrorOfItsProfile() {
        assertThatThrownBy(() -> Profile.parse(profile("""
                                a: {label: {en: A, zh: 甲}, mqtt: 'tocsin/v1/down/x/command', payload: ''}
                                b: {label: {en: B, zh: 乙}, payload: ''}
                                c: {label: {en: C, zh: 丙}, coap-put: '/y', payload: ''}
                                """), "test"))
                .isInstanceOf(ProfileException.class)
                .hasMessageContaining("/commands/a/mqtt: below tocsin/")
                .hasMessageContaining("/commands/b: needs one of")
                .hasMessageContaining("/commands/c/coap-put");
    }
}
