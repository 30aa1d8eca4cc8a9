package dev.tocsin.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.tocsin.agent.acquire.FieldBroker;
import dev.tocsin.agent.link.BrokerAddress;
import dev.tocsin.agent.link.Tls;
import dev.tocsin.profiles.config.Settings;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.eclipse.paho.mqttv5.client.MqttAsyncClient;
import org.eclipse.paho.mqttv5.client.persist.MemoryPersistence;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Sensors on two brokers, one of which speaks TLS and asks for certificates. */
class FieldBrokersTest {
    private static final Duration SOON = Duration.ofSeconds(30);

    @TempDir
    Path folder;

    private static void publish(BrokerAddress broker, String device, double celsius) throws Exception {
        MqttAsyncClient client = new MqttAsyncClient(broker.clientUrl(), "sensor-" + device, new MemoryPersistence());
        client.connect(broker.options(10)).waitForCompletion(10_000);
        String payload = "[{\"n\":\"temperature\",\"u\":\"Cel\",\"v\":" + celsius + "}]";
        client.publish("sensors/" + device, payload.getBytes(StandardCharsets.UTF_8), 1, false)
                .waitForCompletion(10_000);
        client.disconnect().waitForCompletion(10_000);
        client.close(true);
    }

    @Test
    void eachBrokerIsHeardByItselfAndOneThatGoesSilencesNoOther() throws Exception {
        TestPki site = new TestPki(folder.resolve("site"));
        site.issue("broker", "ip:127.0.0.1", "EC");
        TestPki.Identity gateway = site.issue("gateway", "dns:gateway", "EC");
        TestBroker hall = new TestBroker(site.acceptor("broker", site));
        List<String> settings = new ArrayList<>(gateway.settings("field.broker.hall"));
        settings.add("--field.brokers=hall");
        settings.add("--field.broker.hall.url=" + hall.url());
        settings.add("--field.broker.hall.trust-file=" + site.trust());
        settings.add("--enrolment=open");
        try (TestBroker first = new TestBroker();
                TestBroker uplink = new TestBroker();
                Cloud cloud = new Cloud(uplink.url());
                AgentUnderTest agent = new AgentUnderTest(
                        folder.resolve("agent"), first.url(), uplink.url(), settings.toArray(String[]::new))) {
            await().atMost(SOON)
                    .untilAsserted(() -> assertThat(agent.health())
                            .contains("\"field\":\"ok\"")
                            .contains("\"field-hall\":\"ok\""));
            Tls tls = new Tls(site.trust(), gateway.certificate(), gateway.key());
            publish(BrokerAddress.open(first.url()), "yard", 0.1);
            publish(new BrokerAddress(hall.url(), null, null, null, tls), "lamp", 0.2);
            await().atMost(SOON).untilAsserted(() -> {
                assertThat(cloud.valuesOf("yard")).containsExactly(0.1);
                assertThat(cloud.valuesOf("lamp")).containsExactly(0.2);
            });

            hall.close();
            await().atMost(SOON)
                    .untilAsserted(() -> assertThat(agent.health())
                            .contains("\"field\":\"ok\"")
                            .contains("\"field-hall\":\"away\""));
            publish(BrokerAddress.open(first.url()), "yard", 0.3);
            await().atMost(SOON)
                    .untilAsserted(() -> assertThat(cloud.valuesOf("yard")).containsExactly(0.1, 0.3));
            assertThat(cloud.faults).isEmpty();
        }
    }

    @Test
    void whatIsWrongWithTheListOfBrokersIsAllSaidAtOnce() {
        Settings settings = new Settings(
                new String[] {
                    "--field.brokers=hall,Hall B,hall,yard,field",
                    "--field.broker.yard.url=yard:1883",
                    "--field.broker.roof.url=tcp://127.0.0.1:1883"
                },
                Map.of());
        FieldBroker.listFrom(settings, BrokerAddress.open("tcp://127.0.0.1:1883"));
        assertThatThrownBy(settings::finish)
                .hasMessageContaining("'Hall B' is no name")
                .hasMessageContaining("'field' is no name")
                .hasMessageContaining("names 'hall' twice")
                .hasMessageContaining("--field.broker.hall.url (TOCSIN_FIELD_BROKER_HALL_URL) is required")
                .hasMessageContaining("--field.broker.yard.url = 'yard:1883' is neither tcp://host:port")
                .hasMessageContaining("--field.broker.roof.url is no key of this process");
    }
}
