package dev.tocsin.profiles.codec;

import java.util.HashMap;
import java.util.Map;

/** A registry in memory. */
public final class Registry implements DeviceDirectory {
    private final Map<String, String> profiles = new HashMap<>();
    private final boolean open;

    private Registry(boolean open) {
        this.open = open;
    }

    public static Registry opened() {
        return new Registry(true);
    }

    static Registry shut() {
        return new Registry(false);
    }

    public Registry with(String device, String profile) {
        profiles.put(device, profile);
        return this;
    }

    @Override
    public String profileOf(String device) {
        return profiles.get(device);
    }

    @Override
    public boolean open() {
        return open;
    }
}
