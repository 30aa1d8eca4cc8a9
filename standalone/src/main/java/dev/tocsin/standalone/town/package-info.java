/**
 * A small town for the demonstration: its registry, its devices as they would report, and the four things that happen
 * in it. A clock enters, MQTT messages leave; start with {@link dev.tocsin.standalone.town.Town}.
 */
@NullMarked
package dev.tocsin.standalone.town;

import org.jspecify.annotations.NullMarked;
