/**
 * All of Tocsin on one machine.
 *
 * <p>Enters: one command line. Leaves: running processes, and reports of simulation, replay and benchmark.
 */
@NullMarked
package dev.tocsin.standalone;

import org.jspecify.annotations.NullMarked;
