package dev.tocsin.stream.source.reader;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class HandOverTest {
    private final AtomicInteger arrivals = new AtomicInteger();

    @Test
    void the_reader_is_woken_by_the_first_message_only() throws Exception {
        HandOver handOver = new HandOver(new Window(10, 1_000), arrivals::incrementAndGet);
        handOver.put(delivery(1));
        handOver.put(delivery(1));

        assertThat(arrivals).hasValue(1);
        assertThat(handOver.size()).isEqualTo(2);
    }

    @Test
    void beyond_its_bytes_the_sender_waits_until_one_is_taken() throws Exception {
        HandOver handOver = new HandOver(new Window(10, 100), arrivals::incrementAndGet);
        handOver.put(delivery(100));
        Thread sender = sender(handOver);

        await().until(() -> sender.getState() == Thread.State.WAITING);
        assertThat(handOver.size()).isOne();
        assertThat(handOver.poll()).isNotNull();

        await().until(() -> !sender.isAlive());
        assertThat(handOver.size()).isOne();
    }

    @Test
    void beyond_its_number_the_sender_waits_too() throws Exception {
        HandOver handOver = new HandOver(new Window(1, 1_000), arrivals::incrementAndGet);
        handOver.put(delivery(1));
        Thread sender = sender(handOver);

        await().until(() -> sender.getState() == Thread.State.WAITING);
        handOver.poll();
        await().until(() -> !sender.isAlive());
    }

    @Test
    void a_message_larger_than_the_bound_enters_an_empty_queue() throws Exception {
        HandOver handOver = new HandOver(new Window(10, 100), arrivals::incrementAndGet);
        handOver.put(delivery(5_000));

        assertThat(handOver.poll()).isNotNull();
        assertThat(handOver.isEmpty()).isTrue();
    }

    @Test
    void closing_frees_who_waits() throws Exception {
        HandOver handOver = new HandOver(new Window(1, 1_000), arrivals::incrementAndGet);
        handOver.put(delivery(1));
        Thread sender = sender(handOver);

        handOver.close();

        await().until(() -> !sender.isAlive());
        assertThat(handOver.isEmpty()).isTrue();
    }

    private static Delivery delivery(int bytes) {
        return new Delivery(1, 1, "t", new byte[bytes], 0);
    }

    private static Thread sender(HandOver handOver) {
        Thread sender = new Thread(() -> {
            try {
                handOver.put(delivery(1));
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
        sender.start();
        return sender;
    }
}
