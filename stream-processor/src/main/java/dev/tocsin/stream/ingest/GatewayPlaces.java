package dev.tocsin.stream.ingest;

import dev.tocsin.profiles.alert.Place;
import dev.tocsin.profiles.desired.DesiredJson;
import dev.tocsin.profiles.desired.GatewayState;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.apache.flink.api.common.functions.RuntimeContext;
import org.apache.flink.api.common.state.MapState;
import org.apache.flink.api.common.state.MapStateDescriptor;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.jspecify.annotations.Nullable;

/**
 * Where the registry says that the gateway under the current key and its devices stand; desired state, kept in keyed
 * state by each operator that needs it.
 */
public final class GatewayPlaces {
    /** Of what the registry does not have: an alarm from there is shown all the same. */
    public static final Place UNASSIGNED = new Place(new String[] {"unassigned"}, "", null, null);

    /** Of the gateway itself. */
    public record Home(long version, Place place) {}

    private final ValueState<Home> home;
    private final MapState<String, Place> devices;

    public GatewayPlaces(RuntimeContext context) {
        home = context.getState(new ValueStateDescriptor<>("gateway-home", Home.class));
        devices = context.getMapState(new MapStateDescriptor<>("device-places", String.class, Place.class));
    }

    public static boolean isUnassigned(Place place) {
        return place.area().equals(UNASSIGNED.area());
    }

    /**
     * Takes the payload of a {@code state/gateway} topic; an empty one says that the registry dropped the gateway. A
     * version that is not newer changes nothing.
     *
     * @return devices that are the gateway's no longer
     * @throws IllegalArgumentException naming what does not fit
     */
    public Set<String> learn(byte[] payload) throws Exception {
        Set<String> gone = new LinkedHashSet<>();
        devices.keys().forEach(gone::add);
        if (payload.length == 0) {
            home.clear();
            devices.clear();
            return gone;
        }
        GatewayState state = DesiredJson.read(payload, GatewayState.class);
        Home known = home.value();
        if (known != null && known.version() >= state.version()) {
            return Set.of();
        }
        home.update(new Home(state.version(), require(state.place(), state.gateway())));
        devices.clear();
        List<GatewayState.EnrolledDevice> enrolled = state.devices();
        for (GatewayState.EnrolledDevice device : enrolled) {
            if (device.place() != null) {
                devices.put(device.id(), device.place());
            }
            gone.remove(device.id());
        }
        return gone;
    }

    public Place ofGateway() throws Exception {
        Home known = home.value();
        return known == null ? UNASSIGNED : known.place();
    }

    public Place of(String device) throws Exception {
        Place place = devices.get(device);
        return place == null ? ofGateway() : place;
    }

    private static Place require(@Nullable Place place, String gateway) {
        if (place == null) {
            throw new IllegalArgumentException("gateway " + gateway + " has no place");
        }
        return place;
    }
}
