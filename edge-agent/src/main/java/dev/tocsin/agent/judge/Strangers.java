package dev.tocsin.agent.judge;

import dev.tocsin.agent.desired.Registry;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongSupplier;

/**
 * Who is not enrolled where only enrolled devices are taken, and was seen with an alarm: as long as it is remembered
 * here it is judged by the alarms of its profile. For the writer thread.
 */
final class Strangers {
    /** Of more, those longest unheard of are forgotten. */
    static final int MAX_STRANGERS = 5_000;
    /** An alarm of a device that is not enrolled and says nothing more is over after this. */
    private static final long GONE_MS = 24 * 3_600_000L;

    private final String gateway;
    private final Registry registry;
    private final LongSupplier monotonicMs;
    /** Monotonic clock of their last word. */
    private final Map<String, Long> heardAtMs = new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Long> eldest) {
            return size() > MAX_STRANGERS;
        }
    };

    Strangers(String gateway, Registry registry, LongSupplier monotonicMs) {
        this.gateway = gateway;
        this.registry = registry;
        this.monotonicMs = monotonicMs;
    }

    private boolean isStranger(String device) {
        return !device.equals(gateway) && registry.profileOf(device) == null && !registry.open();
    }

    boolean isRemembered(String device) {
        return heardAtMs.containsKey(device);
    }

    void remember(String device) {
        heardAtMs.put(device, monotonicMs.getAsLong());
    }

    /** Something is kept of it of an earlier run. */
    void recall(String device) {
        if (isStranger(device)) {
            remember(device);
        }
    }

    /** Forgets who has said nothing for long; what these left is over, unless they were enrolled meanwhile. */
    List<String> gone() {
        long now = monotonicMs.getAsLong();
        List<String> gone = new ArrayList<>(0);
        for (Iterator<Map.Entry<String, Long>> entries = heardAtMs.entrySet().iterator(); entries.hasNext(); ) {
            Map.Entry<String, Long> stranger = entries.next();
            if (now - stranger.getValue() > GONE_MS) {
                entries.remove();
                if (isStranger(stranger.getKey())) {
                    gone.add(stranger.getKey());
                }
            }
        }
        return gone;
    }
}
