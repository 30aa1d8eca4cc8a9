/**
 * Readings of a device over a range, for a chart: the store's down-sampling leaves, with the limits of the device's rules;
 * and how good they were, by day. Start with {@link dev.tocsin.cloud.readings.ReadingRoutes}.
 */
@NullMarked
package dev.tocsin.cloud.readings;

import org.jspecify.annotations.NullMarked;
