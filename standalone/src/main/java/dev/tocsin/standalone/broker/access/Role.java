package dev.tocsin.standalone.broker.access;

import java.util.List;
import java.util.stream.Stream;

/** What a user of the broker is. */
public enum Role {
    /** One device: says what it measured, hears what is meant for it. */
    SENSOR {
        @Override
        Grants grantsOf(String user, List<String> ownTopics) {
            List<String> topics = ownTopics.isEmpty()
                    ? List.of("sensors/" + user, "sensors/" + user + "/#", user + "/#", "zigbee2mqtt/" + user)
                    : ownTopics;
            // A device that calls itself 'tocsin' gains nothing by it.
            List<String> harmless =
                    topics.stream().filter(t -> !t.startsWith("tocsin/")).toList();
            return new Grants(filters(harmless.stream()), filters(Stream.of("down/" + user + "/#")), false);
        }
    },

    /** The local side of a site, for example a bridge that speaks for many devices. */
    FIELD {
        @Override
        Grants grantsOf(String user, List<String> ownTopics) {
            return new Grants(filters(Stream.of("#")), filters(Stream.of("#")), false);
        }
    },

    /**
     * One edge agent: hears the field and its own orders; says its own uplink, and in the field what its outputs and its
     * devices are to do.
     */
    GATEWAY {
        @Override
        Grants grantsOf(String user, List<String> ownTopics) {
            return new Grants(
                    filters(Stream.of(
                            "tocsin/v1/up/+/" + user + "/#",
                            "outputs/" + user + "/#",
                            "down/+/#",
                            "zigbee2mqtt/+/set")),
                    filters(Stream.of("tocsin/v1/state/#", "tocsin/v1/down/" + user + "/#", "#")),
                    false);
        }
    },

    /** The platform's own processes. */
    PLATFORM {
        @Override
        Grants grantsOf(String user, List<String> ownTopics) {
            return new Grants(filters(Stream.of("#")), filters(Stream.of("#")), true);
        }
    };

    /**
     * @param ownTopics filters of the topics that a sensor publishes; empty for what its name implies; of no meaning
     *     for the other roles
     */
    abstract Grants grantsOf(String user, List<String> ownTopics);

    private static List<TopicFilter> filters(Stream<String> filters) {
        return filters.map(TopicFilter::of).toList();
    }
}
