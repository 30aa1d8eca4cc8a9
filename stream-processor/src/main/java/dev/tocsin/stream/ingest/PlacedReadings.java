package dev.tocsin.stream.ingest;

import dev.tocsin.profiles.alert.Place;
import dev.tocsin.profiles.reading.DeviceReadings;

/**
 * Readings of one device, seen for the first time.
 *
 * @param place the device's own, else its gateway's, else {@link GatewayPlaces#UNASSIGNED}
 * @param receivedAtMs when the cloud received them
 */
public record PlacedReadings(String gateway, Place place, long receivedAtMs, DeviceReadings readings) {

    public String device() {
        return readings.device();
    }
}
