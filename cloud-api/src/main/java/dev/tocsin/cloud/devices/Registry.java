package dev.tocsin.cloud.devices;

import dev.tocsin.cloud.database.Database;
import dev.tocsin.cloud.http.ApiException;
import dev.tocsin.profiles.desired.AreaTree.Area;
import dev.tocsin.profiles.profile.ProfileCatalog;
import java.time.Clock;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

/** The registry: every change is a transaction, then a new image, then published. Safe for any thread. */
public final class Registry {
    private final Database database;
    private final ProfileCatalog profiles;
    private final Clock clock;
    private volatile RegistryImage image = RegistryImage.EMPTY;
    private volatile Runnable onChange = () -> {};

    /** Changes within one transaction; remembers whose published state they touch. */
    final class Change {
        private final Handle handle;
        private final String by;
        private final Set<String> touched = new HashSet<>();

        Change(Handle handle, String by) {
            this.handle = handle;
            this.by = by;
        }

        Handle handle() {
            return handle;
        }

        void put(Area area) {
            if (RegistryStore.putArea(handle, area)) {
                // A place holds its path of areas: whoever moved below another parent has a new one.
                touched.add(RegistryImage.AREAS);
                touched.addAll(image.gateways().keySet());
            }
        }

        void put(RegisteredGateway gateway) {
            if (RegistryStore.putGateway(handle, gateway)) {
                touched.add(gateway.id());
            }
        }

        void put(RegisteredDevice device) {
            if (RegistryStore.putDevice(handle, device, by, clock.instant())) {
                touched.add(device.gateway());
                RegisteredDevice before = image.devices().get(device.id());
                if (before != null) {
                    touched.add(before.gateway());
                }
            }
        }

        private void finish() {
            for (String state : touched) {
                RegistryStore.raiseVersion(handle, state, clock.millis());
            }
        }
    }

    public Registry(Database database, ProfileCatalog profiles, Clock clock) {
        this.database = database;
        this.profiles = profiles;
        this.clock = clock;
    }

    public RegistryImage image() {
        return image;
    }

    public ProfileCatalog profiles() {
        return profiles;
    }

    /** One listener, told after each new image. */
    void onChange(Runnable listener) {
        onChange = listener;
    }

    /**
     * Reads the registry and adds what a file says; for the start.
     *
     * @param onlyIfEmpty whether a registry that has gateways is left as it is
     */
    public void load(RegistryFile file, boolean onlyIfEmpty) {
        // The first change only reads, so that the second knows what it touches.
        change("system", change -> {});
        if (!onlyIfEmpty || image.gateways().isEmpty()) {
            change("system", change -> {
                file.areas().forEach(change::put);
                file.gateways().forEach(change::put);
                file.devices().forEach(change::put);
            });
        }
    }

    /** One at a time, so that an image is never older than what is stored. */
    synchronized void change(String by, Consumer<Change> work) {
        image = database.write(handle -> {
            Change change = new Change(handle, by);
            work.accept(change);
            change.finish();
            return RegistryStore.load(handle);
        });
        onChange.run();
    }

    void requireArea(String id, String where) {
        if (!image.areas().containsKey(id)) {
            throw ApiException.invalid(where, "There is no area '" + id + "'.", "区域 “" + id + "” 不存在。");
        }
    }

    void requireGateway(String id, String where) {
        if (!image.gateways().containsKey(id)) {
            throw ApiException.invalid(where, "There is no gateway '" + id + "'.", "网关 “" + id + "” 不存在。");
        }
    }

    void requireProfile(String id, String where) {
        if (profiles.find(id) == null) {
            throw ApiException.invalid(where, "There is no profile '" + id + "'.", "设备配置 “" + id + "” 不存在。");
        }
    }

    /** The areas above {@code id} as it would be below {@code parent}, refused when it would stand below itself. */
    void requireNoCycle(String id, @Nullable String parent) {
        if (parent != null && image.isWithin(parent, id)) {
            throw new ApiException(409, "cycle", "The area would stand below itself.", "该区域不能成为自身的下级。");
        }
    }

    List<RegisteredDevice> devicesOf(String gateway) {
        return image.devices().values().stream()
                .filter(device -> device.gateway().equals(gateway))
                .toList();
    }
}
