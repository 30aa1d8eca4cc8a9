package dev.tocsin.stream.publish;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.tocsin.profiles.alert.Place;
import dev.tocsin.stream.AlertListener;
import dev.tocsin.stream.DeafBroker;
import dev.tocsin.stream.PickyBroker;
import dev.tocsin.stream.TestBroker;
import dev.tocsin.stream.archive.Given;
import dev.tocsin.stream.publish.Publication.Care;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class PublisherTest {
    @TempDir
    Path folder;

    private TestBroker broker;
    private Publisher publisher;
    private final List<Long> tookMs = new CopyOnWriteArrayList<>();

    @BeforeEach
    void start() throws Exception {
        broker = TestBroker.start(folder);
        publisher = new Publisher(broker.access(), "test-publisher", Clock.systemUTC(), tookMs::add);
        publisher.start();
    }

    @AfterEach
    void stop() throws Exception {
        publisher.close();
        broker.close();
    }

    @Test
    void what_no_topic_can_hold_is_rejected_input_and_alerts_go_on() throws Exception {
        try (AlertListener alerts = new AlertListener(broker.access());
                AlertListener rejected = new AlertListener(broker.access(), "tocsin/v1/up/+/+/rejected")) {
            publisher.publish(new Publication("tocsin/v1/alerts/district/+", new byte[] {1}, Care.SURE));
            publisher.publish(Publication.of(Given.alert("after", 1)));
            publisher.flush();

            await().until(() -> alerts.heard.size() == 1 && rejected.topics.size() == 1);
            assertThat(rejected.topics).containsExactly("tocsin/v1/up/0/alarm-job/rejected");
            assertThat(publisher.diverted()).isEqualTo(1);
            assertThat(tookMs).hasSize(2).allMatch(ms -> ms >= 0);
        }
    }

    @Test
    void rejected_input_that_nobody_subscribes_to_holds_no_alert_up() throws Exception {
        try (PickyBroker picky = new PickyBroker("/rejected");
                Publisher toPicky =
                        new Publisher(picky.access(), "test-picky-publisher", Clock.systemUTC(), ms -> {})) {
            toPicky.start();
            toPicky.publish(Publication.of(Given.rejected("a", null, Instant.EPOCH), 1));
            toPicky.publish(Publication.of(Given.alert("after", 1)));
            toPicky.flush();

            assertThat(picky.topics)
                    .containsExactly("tocsin/v1/up/0/gw-1/rejected", "tocsin/v1/alerts/district/town-1/after");
            assertThat(toPicky.unheard()).isOne();
        }
    }

    @Test
    void an_alert_with_names_that_are_no_ids_still_has_a_topic() {
        var alert = Given.alert("a/#", 1);
        var odd = alert.under("a/#", alert.onset(), new Place(new String[] {"区", "a+b"}, "", null, null), false);

        assertThat(Publication.of(odd).topic()).isEqualTo("tocsin/v1/alerts/_/a_b/a__");
    }

    @Test
    void a_broker_that_never_answers_costs_no_threads() throws Exception {
        try (DeafBroker deaf = new DeafBroker();
                Publisher patient = new Publisher(deaf.access(), "test-deaf-publisher", Clock.systemUTC(), ms -> {})) {
            patient.start();
            await().atMost(java.time.Duration.ofSeconds(40)).until(() -> deaf.accepted() >= 4);
            List<String> threads = Thread.getAllStackTraces().keySet().stream()
                    .map(Thread::getName)
                    .filter(name -> name.contains("test-deaf-publisher"))
                    .toList();
            // Its own, and those of one client.
            assertThat(threads).hasSizeLessThanOrEqualTo(5);
        }
    }
}
