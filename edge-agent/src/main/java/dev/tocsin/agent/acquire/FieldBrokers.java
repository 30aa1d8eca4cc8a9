package dev.tocsin.agent.acquire;

import dev.tocsin.agent.link.FieldLink;
import dev.tocsin.agent.link.FieldLinks;
import dev.tocsin.agent.link.LinkHealth;
import dev.tocsin.agent.observe.AgentMetrics;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongSupplier;

/** MQTT from all field brokers, each by a session of its own: what becomes of one changes nothing for the others. */
public final class FieldBrokers implements AutoCloseable {
    private final FieldLinks links;
    private final List<MqttIntake> intakes = new ArrayList<>();

    /**
     * @param links one for each broker, in the same order; told what becomes of the connections
     * @param monotonicMs elapsed time
     */
    public FieldBrokers(
            List<FieldBroker> brokers,
            String gateway,
            Intake intake,
            FieldLinks links,
            LongSupplier monotonicMs,
            AgentMetrics metrics) {
        this.links = links;
        int position = 0;
        for (FieldLink link : links.all()) {
            intakes.add(new MqttIntake(brokers.get(position++).address(), gateway, intake, link, monotonicMs));
            metrics.gauge(
                    "field.connected", "1 while this field broker is connected", link.name(), () -> link.up() ? 1 : 0);
            metrics.gauge(
                    "field.refused.subscriptions",
                    "Filters that this field broker does not grant",
                    link.name(),
                    () -> link.refused().size());
        }
    }

    public void start() {
        intakes.forEach(MqttIntake::start);
    }

    /** The state of each for people, {@code field} and {@code field-NAME}. */
    public Map<String, String> health() {
        Map<String, String> health = new LinkedHashMap<>();
        for (FieldLink link : links.all()) {
            String part = link.isFirst() ? link.name() : FieldLink.FIRST + "-" + link.name();
            health.put(part, LinkHealth.of(link.up(), link.refused()));
        }
        return health;
    }

    /** Takes nothing more; all at once, since each may take seconds to say goodbye. */
    @Override
    public void close() {
        intakes.forEach(MqttIntake::stop);
        intakes.forEach(MqttIntake::close);
    }
}
