package dev.tocsin.profiles.desired;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class DesiredJsonTest {
    @Test
    void aStatusWithATimeOrANameThatNobodyCanKeepIsNone() {
        refused(GatewayStatus.class, "{'gateway':'g','online':true,'since':'+300000000-01-01T00:00:00Z'}");
        refused(GatewayStatus.class, "{'gateway':'g','online':true,'epoch':'" + "e".repeat(257) + "'}");
        refused(GatewayStatus.class, "{'online':true}");
        assertThat(DesiredJson.read(json("{'gateway':'g','online':false}"), GatewayStatus.class)
                        .gateway())
                .isEqualTo("g");
    }

    @Test
    void aStateWithADeviceOrAnAreaThatHasNoIdIsNone() {
        String start = "{'version':1,'gateway':'g','name':'','enrolment':'OPEN','place':{'areas':['a'],'name':''},";
        refused(GatewayState.class, start + "'devices':[null]}");
        refused(GatewayState.class, start + "'devices':[{'profile':'p'}]}");
        refused(GatewayState.class, start + "'devices':[{'id':'d','place':{'areas':[null],'name':''}}]}");
        assertThat(DesiredJson.read(json(start + "'devices':[{'id':'d'}]}"), GatewayState.class)
                        .devices())
                .hasSize(1);
    }

    private static void refused(Class<?> type, String text) {
        assertThatThrownBy(() -> DesiredJson.read(json(text), type))
                .as(text)
                .isInstanceOf(IllegalArgumentException.class);
    }

    private static byte[] json(String text) {
        return text.replace('\'', '"').getBytes(StandardCharsets.UTF_8);
    }
}
