package dev.tocsin.standalone.broker.conformance;

import dev.tocsin.standalone.broker.conformance.Probe.Received;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import java.util.stream.IntStream;
import org.eclipse.paho.mqttv5.common.MqttException;
import org.jspecify.annotations.Nullable;

/**
 * What Tocsin relies on when it hands its messages to a broker. Each check uses topics and client ids of its own, below
 * {@code tocsin/v1/conformance/}, and leaves no session behind.
 */
public enum BrokerConformance {
    A_SESSION_KEEPS_WHAT_CAME_WHILE_ITS_CLIENT_WAS_AWAY {
        @Override
        void run(Stage at) throws Exception {
            at.session().subscribe(at.topic("+/live")).close();
            try (Probe publisher = at.publisher()) {
                publisher.publishAll(at.topic("g1/live"), 100);
            }
            try (Probe back = at.session()) {
                require("all 100 messages arrive after the return", at.numbers(100), texts(back.take(100)));
            }
        }
    },

    THE_MESSAGES_OF_A_TOPIC_ARRIVE_IN_THE_ORDER_THEY_WERE_PUBLISHED {
        @Override
        void run(Stage at) throws Exception {
            try (Probe reader = at.session().subscribe(at.topic("+/live"));
                    Probe publisher = at.publisher()) {
                // Few at a time: then a publisher's packets come in on ever other threads of the broker.
                for (int round = 0; round < 100; round++) {
                    publisher.publishAll(at.topic("g1/live"), 20);
                    require("20 messages in order", at.numbers(20), texts(reader.take(20)));
                }
                publisher.publishAll(at.topic("g1/live"), 2_000);
                require("2,000 messages in order", at.numbers(2_000), texts(reader.take(2_000)));
            }
        }
    },

    THE_ORDER_HOLDS_WHERE_A_FULL_WINDOW_OPENS_AGAIN {
        @Override
        void run(Stage at) throws Exception {
            int window = 5;
            try (Probe reader = at.session(window).subscribe(at.topic("+/live"));
                    Probe publisher = at.publisher()) {
                publisher.publishAll(at.topic("g1/live"), 500);
                List<String> came = new ArrayList<>();
                while (came.size() < 500) {
                    List<Received> some = reader.take(window);
                    require("messages after an acknowledged window", window, some.size());
                    came.addAll(texts(some));
                    reader.acknowledge(some);
                }
                require("500 messages in order", at.numbers(500), came);
            }
        }
    },

    EXACTLY_WHAT_WAS_NOT_ACKNOWLEDGED_COMES_AGAIN {
        @Override
        void run(Stage at) throws Exception {
            Probe first = at.session().subscribe(at.topic("+/live"));
            try (Probe publisher = at.publisher()) {
                publisher.publishAll(at.topic("g1/live"), 100);
            }
            List<Received> came = first.take(100);
            first.acknowledge(came.subList(0, 40));
            // The answer to a subscription comes after the acknowledgements were read.
            first.subscribe(at.topic("fence"));
            first.vanish();
            try (Probe again = at.session()) {
                List<String> expected = at.numbers(100).subList(40, 100);
                require("messages 40 to 99 come again", expected, texts(again.take(60)));
                require("and none of the others", List.of(), texts(again.takeWithin(QUIET_MS)));
            }
        }
    },

    FIVE_THOUSAND_MESSAGES_MAY_WAIT_FOR_THEIR_ACKNOWLEDGEMENT {
        @Override
        void run(Stage at) throws Exception {
            try (Probe reader = at.session().subscribe(at.topic("+/live"));
                    Probe publisher = at.publisher()) {
                publisher.publishAll(at.topic("g1/live"), 5_000);
                List<Received> came = reader.take(5_000);
                require("messages delivered before any was acknowledged", 5_000, came.size());
                reader.acknowledge(came);
            }
        }
    },

    A_CLIENT_MAY_BE_LOST_AGAIN_AND_AGAIN_WITH_ALL_OF_THEM {
        @Override
        void run(Stage at) throws Exception {
            at.session().subscribe(at.topic("+/live")).close();
            try (Probe publisher = at.publisher()) {
                publisher.publishAll(at.topic("g1/live"), 5_000);
            }
            // In all, more deliveries than there are packet ids.
            for (int round = 0; round < 14; round++) {
                Probe reader = at.session();
                require(
                        "messages that come to connection " + round,
                        5_000,
                        reader.take(5_000).size());
                reader.vanish();
            }
        }
    },

    A_RETAINED_MESSAGE_REACHES_A_LATER_SUBSCRIBER_AND_ONLY_THE_LAST_ONE {
        @Override
        void run(Stage at) throws Exception {
            try (Probe publisher = at.publisher()) {
                publisher.publish(at.topic("g1/status"), bytes("old"), true);
                publisher.publish(at.topic("g1/status"), bytes("new"), true);
                try (Probe late = at.passer().subscribe(at.topic("+/status"))) {
                    List<Received> came = late.take(1);
                    require("the last retained message", List.of("new"), texts(came));
                    require("is marked as retained", true, came.get(0).retained());
                    require("and is alone", List.of(), texts(late.takeWithin(QUIET_MS)));
                }
                publisher.publish(at.topic("g1/status"), new byte[0], true);
                try (Probe later = at.passer().subscribe(at.topic("+/status"))) {
                    require("nothing after it was cleared", List.of(), texts(later.takeWithin(QUIET_MS)));
                }
            }
        }
    },

    A_CLIENT_THAT_COMES_AGAIN_TAKES_ITS_SESSION_OVER {
        @Override
        void run(Stage at) throws Exception {
            Probe first = at.session().subscribe(at.topic("+/live"));
            try (Probe publisher = at.publisher()) {
                publisher.publishAll(at.topic("g1/live"), 50);
            }
            require("messages at the first connection", 50, first.take(50).size());
            try (Probe second = at.session()) {
                require("the first connection is ended", true, first.wasDisconnected());
                require("its messages come to the second", at.numbers(50), texts(second.take(50)));
            }
        }
    },

    A_WILL_IS_PUBLISHED_WHEN_A_CLIENT_VANISHES {
        @Override
        void run(Stage at) throws Exception {
            try (Probe reader = at.session().subscribe(at.topic("+/status"))) {
                Probe.withWill(at.broker(), at.clientId("will"), at.topic("g1/status"), "offline")
                        .vanish();
                require("the will", List.of("offline"), texts(reader.take(1)));
            }
        }
    },

    A_MESSAGE_THAT_NOBODY_SUBSCRIBED_TO_IS_ANSWERED_SO {
        @Override
        void run(Stage at) throws Exception {
            try (Probe publisher = at.publisher()) {
                int unheard = publisher.publish(at.topic("g1/live"), "unheard");
                require("reason code without a subscription", NO_MATCHING_SUBSCRIBERS, unheard);
                at.session().subscribe(at.topic("+/live")).close();
                int kept = publisher.publish(at.topic("g1/live"), "kept");
                require("reason code while the session is away", SUCCESS, kept);
            }
        }
    },

    A_MESSAGE_OF_FOUR_MEBIBYTES_PASSES {
        @Override
        void run(Stage at) throws Exception {
            try (Probe reader = at.session().subscribe(at.topic("+/live"));
                    Probe publisher = at.publisher()) {
                byte[] payload = new byte[4 << 20];
                publisher.publish(at.topic("g1/live"), payload, false);
                List<Received> came = reader.take(1);
                require("messages", 1, came.size());
                require("bytes", payload.length, came.get(0).bytes());
            }
        }
    };

    private static final int SUCCESS = 0;
    private static final int NO_MATCHING_SUBSCRIBERS = 0x10;
    private static final long QUIET_MS = 300;

    /** What was otherwise than the platform relies on. */
    public static final class NotConforming extends Exception {
        private static final long serialVersionUID = 1L;

        NotConforming(String message) {
            super(message);
        }
    }

    /**
     * @throws NotConforming saying what was otherwise
     * @throws Exception when the broker could not be asked
     */
    public void check(BrokerUnderTest broker) throws Exception {
        Stage stage = new Stage(broker, UUID.randomUUID().toString().substring(0, 8));
        try {
            run(stage);
        } finally {
            stage.clear();
        }
    }

    abstract void run(Stage at) throws Exception;

    private static void require(String what, @Nullable Object expected, @Nullable Object was) throws NotConforming {
        if (!Objects.equals(expected, was)) {
            throw new NotConforming(what + ": expected " + shortened(expected) + ", was " + shortened(was));
        }
    }

    private static String shortened(@Nullable Object value) {
        String text = String.valueOf(value);
        return text.length() <= 300 ? text : text.substring(0, 300) + "... (" + text.length() + " characters)";
    }

    private static List<String> texts(List<Received> messages) {
        List<String> texts = new ArrayList<>();
        messages.forEach(message -> texts.add(message.text()));
        return texts;
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    /** The names of one run. */
    private record Stage(BrokerUnderTest broker, String run) {
        String topic(String below) {
            return "tocsin/v1/conformance/" + run + "/" + below;
        }

        String clientId(String role) {
            return "conformance-" + run + "-" + role;
        }

        /** The persistent session of this run, the same one at each call. */
        Probe session() throws MqttException {
            return session(Probe.LARGEST_WINDOW);
        }

        Probe session(int window) throws MqttException {
            return Probe.lasting(broker, clientId("session"), window);
        }

        Probe publisher() throws MqttException {
            return Probe.passing(broker, clientId("publisher"));
        }

        Probe passer() throws MqttException {
            return Probe.passing(broker, clientId("passer"));
        }

        List<String> numbers(int count) {
            return IntStream.range(0, count).mapToObj(Integer::toString).toList();
        }

        /** A clean start of no duration ends the session and what it held. */
        void clear() throws MqttException {
            Probe.passing(broker, clientId("session")).close();
        }
    }
}
