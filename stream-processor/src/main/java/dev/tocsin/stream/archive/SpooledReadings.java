package dev.tocsin.stream.archive;

import dev.tocsin.profiles.reading.DeviceReadings;

/** Readings with the spool that numbered them: gateway, epoch and sequence are what a reading is known by. */
public record SpooledReadings(String gateway, String epoch, DeviceReadings readings) {}
