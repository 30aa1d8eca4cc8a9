/**
 * A recording played through real MQTT into the running platform. A CSV file and a profile's name enter, SenML packs
 * leave, marked as replayed; start with {@link dev.tocsin.standalone.replay.Replay}.
 */
@NullMarked
package dev.tocsin.standalone.replay;

import org.jspecify.annotations.NullMarked;
