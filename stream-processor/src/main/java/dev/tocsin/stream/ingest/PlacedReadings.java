package dev.tocsin.stream.ingest;

import dev.tocsin.profiles.alert.Place;
import dev.tocsin.profiles.reading.DeviceReadings;
import java.util.List;

/**
 * Readings of one device, seen for the first time.
 *
 * @param place the device's own, else its gateway's, else {@link GatewayPlaces#UNASSIGNED}
 * @param receivedAtMs when the cloud received them
 */
public record PlacedReadings(String gateway, Place place, long receivedAtMs, DeviceReadings readings) {

    /** The registry does not have the device any more: nothing more will be heard of it through this gateway. */
    public static PlacedReadings departure(String gateway, String device, long nowMs) {
        DeviceReadings none = DeviceReadings.of(device, "", false, 0, List.of());
        return new PlacedReadings(gateway, GatewayPlaces.UNASSIGNED, nowMs, none);
    }

    public boolean isDeparture() {
        return readings.count() == 0;
    }

    public String device() {
        return readings.device();
    }
}
