package dev.tocsin.profiles.settings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.tocsin.profiles.alert.Alert;
import dev.tocsin.profiles.alert.AlertKind;
import dev.tocsin.profiles.alert.AlertState;
import dev.tocsin.profiles.alert.Evidence;
import dev.tocsin.profiles.alert.Place;
import dev.tocsin.profiles.alert.Severity;
import dev.tocsin.profiles.settings.GatewaySettings.Origin;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Settings of a gateway, from their text. */
class GatewaySettingsTest {
    private static GatewaySettings read(String text, Origin origin) throws SettingsException {
        return GatewaySettings.parse(text, "settings", origin);
    }

    private static List<String> errors(String text, Origin origin) {
        SettingsException e = catchThrowableOfType(SettingsException.class, () -> read(text, origin));
        return e == null ? List.of() : e.errors();
    }

    private static Alert alert(AlertKind kind, Severity severity, String device, boolean drill) {
        Instant now = Instant.parse("2026-06-01T00:00:00Z");
        return new Alert(
                "id",
                1,
                AlertState.ACTIVE,
                "p/r",
                1,
                kind,
                severity,
                "g",
                device,
                new Place(new String[] {"district", "town"}, "", null, null),
                "m",
                1,
                "",
                now,
                now,
                null,
                false,
                drill,
                Evidence.NONE);
    }

    @Test
    void anOutputThatSaysNothingElseIsForRealAlarmsAndCanBeSilenced() throws Exception {
        Output siren = read("outputs: [{name: siren, mqtt: {topic: a/b}}]", Origin.CLOUD)
                .outputs()
                .get(0);
        assertThat(siren.driver()).isEqualTo(new Output.Driver.Mqtt("a/b", null, null, false));
        assertThat(siren.silenceable()).isTrue();
        assertThat(siren.isFor(alert(AlertKind.ALARM, Severity.CRITICAL, "d", false)))
                .isTrue();
        assertThat(siren.isFor(alert(AlertKind.TROUBLE, Severity.CRITICAL, "d", false)))
                .isFalse();
        assertThat(siren.isFor(alert(AlertKind.ALARM, Severity.CRITICAL, "d", true)))
                .isFalse();
    }

    @Test
    void anAlertMustBeInEverySetThatIsGiven() throws Exception {
        Output output = read("""
                        outputs:
                          - name: x
                            coap: {uri: 'coap://h/x', method: post}
                            drills: true
                            when: {kinds: [alarm, pre-alarm], severities: [critical], areas: [town], devices: [d]}
                        """, Origin.CLOUD).outputs().get(0);
        assertThat(output.isFor(alert(AlertKind.PRE_ALARM, Severity.CRITICAL, "d", true)))
                .isTrue();
        assertThat(output.isFor(alert(AlertKind.ALARM, Severity.MAJOR, "d", false)))
                .isFalse();
        assertThat(output.isFor(alert(AlertKind.ALARM, Severity.CRITICAL, "e", false)))
                .isFalse();
    }

    @Test
    void onlyTheGatewaysOwnFileNamesProgramsAndOfOneNameItCounts() throws Exception {
        String program = "outputs: [{name: x, program: {path: /bin/true}}]";
        assertThat(errors(program, Origin.CLOUD))
                .containsExactly("/outputs/0/program: a program is only named by a file of the gateway itself");
        GatewaySettings own = read(program, Origin.GATEWAY_FILE);
        GatewaySettings cloud = read(
                "log-level: debug\noutputs: [{name: x, mqtt: {topic: t}}, {name: y, mqtt: {topic: t}}]", Origin.CLOUD);
        GatewaySettings both = cloud.under(own);
        assertThat(both.outputs()).extracting(Output::name).containsExactly("x", "y");
        assertThat(both.outputs().get(0).driver()).isInstanceOf(Output.Driver.Program.class);
        assertThat(both.logLevel()).isEqualTo("debug");
    }

    @Test
    void everythingThatIsWrongIsSaidWithItsPlace() {
        assertThat(errors("""
                        log-level: loud
                        spool: 3
                        outputs:
                          - {name: a b, mqtt: {topic: tocsin/v1/alerts/x}}
                          - {name: c, mqtt: {topic: 'x/#'}, coap: {uri: 'http://h/x'}}
                          - {name: c, program: {path: bin/sh, timeout: 2h}, when: {kinds: [fire]}}
                        device-addresses: {d: 'coap://user@h'}
                        """, Origin.GATEWAY_FILE))
                .extracting(error -> error.substring(0, error.indexOf(':')))
                .contains(
                        "/log-level",
                        "/spool",
                        "/outputs/0/name",
                        "/outputs/0/mqtt/topic",
                        "/outputs/1",
                        "/outputs/1/mqtt/topic",
                        "/outputs/2/name",
                        "/outputs/2/program/path",
                        "/outputs/2/program/timeout",
                        "/outputs/2/when/kinds",
                        "/device-addresses/d");
    }
}
