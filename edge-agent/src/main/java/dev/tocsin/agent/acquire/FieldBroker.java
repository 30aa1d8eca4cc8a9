package dev.tocsin.agent.acquire;

import dev.tocsin.agent.link.BrokerAddress;
import dev.tocsin.agent.link.FieldLink;
import dev.tocsin.profiles.config.Settings;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * A broker that sensors talk to.
 *
 * @param name {@link FieldLink#FIRST}, or what the configuration calls it: part of the identity of its session, so that
 *     a new name is a new session
 */
public record FieldBroker(String name, BrokerAddress address) {
    /** A session, a client with its four threads and a window of messages each. */
    static final int MAX_BROKERS = 8;

    private static final Pattern NAME = Pattern.compile("[a-z0-9-]{1,32}");
    private static final String KEYS = "field.broker";

    /**
     * Reads the one without a name, and those that {@code field.brokers} names, each with keys of its own.
     *
     * @param uplink where nothing is said of the first, it is this one, with the same user
     */
    public static List<FieldBroker> listFrom(Settings settings, BrokerAddress uplink) {
        List<FieldBroker> brokers = new ArrayList<>();
        BrokerAddress first = BrokerAddress.from(settings, KEYS, uplink.url());
        boolean same = first.isOpen() && first.url().equals(uplink.url());
        brokers.add(new FieldBroker(FieldLink.FIRST, same ? uplink : first));
        Set<String> names = new LinkedHashSet<>();
        for (String name : settings.text("field.brokers", "").split(",", -1)) {
            String trimmed = name.strip();
            if (trimmed.isEmpty()) {
                continue;
            }
            if (!NAME.matcher(trimmed).matches() || trimmed.equals(FieldLink.FIRST)) {
                settings.refuse("--field.brokers: '" + trimmed + "' is no name: 1 to 32 of a-z 0-9 -, and not '"
                        + FieldLink.FIRST + "'");
            } else if (!names.add(trimmed)) {
                settings.refuse("--field.brokers names '" + trimmed + "' twice");
            }
        }
        if (names.size() + 1 > MAX_BROKERS) {
            settings.refuse("--field.brokers names " + names.size() + " brokers, at most " + (MAX_BROKERS - 1));
        }
        for (String name : names) {
            String keys = KEYS + "." + name;
            String url = settings.required(keys + ".url");
            brokers.add(new FieldBroker(
                    name, url.isEmpty() ? BrokerAddress.open(url) : BrokerAddress.from(settings, keys, url)));
        }
        return List.copyOf(brokers);
    }
}
