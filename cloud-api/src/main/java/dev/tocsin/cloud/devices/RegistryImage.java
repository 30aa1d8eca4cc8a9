package dev.tocsin.cloud.devices;

import dev.tocsin.profiles.alert.Place;
import dev.tocsin.profiles.desired.AreaTree;
import dev.tocsin.profiles.desired.AreaTree.Area;
import dev.tocsin.profiles.desired.GatewayState;
import dev.tocsin.profiles.profile.LocalText;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The whole registry at one moment, in memory so that it can be asked while the database is away. Immutable.
 *
 * @param versions of the published states by {@link #AREAS} or gateway id
 */
public record RegistryImage(
        Map<String, Area> areas,
        SortedMap<String, RegisteredGateway> gateways,
        SortedMap<String, RegisteredDevice> devices,
        Map<String, Long> versions) {

    /** Key of the area tree's version; no id looks like it. */
    static final String AREAS = "/areas";

    static final RegistryImage EMPTY = new RegistryImage(Map.of(), new TreeMap<>(), new TreeMap<>(), Map.of());

    public RegistryImage {
        areas = Map.copyOf(areas);
        gateways = Collections.unmodifiableSortedMap(new TreeMap<>(gateways));
        devices = Collections.unmodifiableSortedMap(new TreeMap<>(devices));
        versions = Map.copyOf(versions);
    }

    public long version(String state) {
        return versions.getOrDefault(state, 0L);
    }

    /** The name that people gave a device or a gateway; its id where they gave none. */
    public String nameOf(String subject) {
        RegisteredDevice device = devices.get(subject);
        if (device != null) {
            return device.name();
        }
        RegisteredGateway gateway = gateways.get(subject);
        return gateway == null ? subject : gateway.name();
    }

    /** Names of areas, ids standing for those that nobody named. */
    public List<LocalText> areaNames(String[] ids) {
        List<LocalText> names = new ArrayList<>(ids.length);
        for (String id : ids) {
            Area area = areas.get(id);
            names.add(area == null ? LocalText.of(id) : area.name());
        }
        return names;
    }

    public Place placeOf(RegisteredGateway gateway) {
        return place(gateway.spot());
    }

    public Place placeOf(RegisteredDevice device) {
        Spot spot = device.spot();
        if (spot != null) {
            return place(spot);
        }
        RegisteredGateway gateway = gateways.get(device.gateway());
        if (gateway == null) {
            throw new IllegalStateException(device.id() + " has no gateway " + device.gateway());
        }
        return place(gateway.spot());
    }

    /** The areas with parents before children. */
    List<Area> areasFromRoot() {
        List<Area> sorted = new ArrayList<>(areas.values());
        sorted.sort(java.util.Comparator.<Area>comparingInt(
                        area -> pathOf(area.id()).size())
                .thenComparing(Area::id));
        return sorted;
    }

    AreaTree areaTree() {
        return new AreaTree(version(AREAS), areasFromRoot());
    }

    GatewayState stateOf(RegisteredGateway gateway) {
        List<GatewayState.EnrolledDevice> enrolled = new ArrayList<>();
        for (RegisteredDevice device : devices.values()) {
            if (device.gateway().equals(gateway.id())) {
                enrolled.add(
                        new GatewayState.EnrolledDevice(device.id(), device.profile(), device.name(), placeOf(device)));
            }
        }
        return new GatewayState(
                version(gateway.id()), gateway.id(), gateway.name(), placeOf(gateway), gateway.enrolment(), enrolled);
    }

    /** Whether {@code area} is {@code ancestor} or stands below it. */
    boolean isWithin(@Nullable String area, String ancestor) {
        return area != null && pathOf(area).contains(ancestor);
    }

    /** Ids from the root down to the area; the database's foreign keys and the check for cycles bound it. */
    private List<String> pathOf(String areaId) {
        List<String> path = new ArrayList<>();
        for (String id = areaId; id != null && path.size() <= areas.size(); ) {
            path.add(0, id);
            Area area = areas.get(id);
            id = area == null ? null : area.parent();
        }
        return path;
    }

    private Place place(Spot spot) {
        return new Place(pathOf(spot.area()).toArray(new String[0]), spot.name(), spot.latitude(), spot.longitude());
    }
}
