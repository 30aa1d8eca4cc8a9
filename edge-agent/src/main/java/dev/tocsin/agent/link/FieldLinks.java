package dev.tocsin.agent.link;

import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/** The connections to all field brokers, in the order of the configuration. Safe for any thread. */
public final class FieldLinks {
    private final Map<String, FieldLink> byWay = new LinkedHashMap<>();

    /** @param names of the brokers, see {@link FieldLink#name} */
    public FieldLinks(List<String> names) {
        for (String name : names) {
            FieldLink link = new FieldLink(name);
            byWay.put(link.way(), link);
        }
    }

    public Collection<FieldLink> all() {
        return byWay.values();
    }

    /** Nothing of a broker that is not configured. */
    public FieldLink.@Nullable State state(String way) {
        FieldLink link = byWay.get(way);
        return link == null ? null : link.state();
    }

    /** {@link FieldLink#upSinceMs} of each, by its way. */
    public Map<String, LongSupplier> upSinceMs() {
        Map<String, LongSupplier> since = new LinkedHashMap<>();
        byWay.forEach((way, link) -> since.put(way, link::upSinceMs));
        return since;
    }
}
