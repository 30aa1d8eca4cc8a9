/**
 * The Flink jobs.
 *
 * <p>Enters: batches from the uplink topics. Leaves: alerts on the alert topic, readings in the archive.
 */
@NullMarked
package dev.tocsin.stream;

import org.jspecify.annotations.NullMarked;
