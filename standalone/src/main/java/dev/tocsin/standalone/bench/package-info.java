/**
 * What the platform can do on this machine, measured: a fresh platform enters, printed figures leave. Start with
 * {@link dev.tocsin.standalone.bench.Bench}.
 */
@NullMarked
package dev.tocsin.standalone.bench;

import org.jspecify.annotations.NullMarked;
