/**
 * Schema {@code sensing}: a database enters, the tables, rollup, functions and rights that the archive writes and the
 * API reads leave, in the shape that the server's licence allows. Start with
 * {@link dev.tocsin.stream.store.SensingSchema}.
 */
@NullMarked
package dev.tocsin.stream.store;

import org.jspecify.annotations.NullMarked;
