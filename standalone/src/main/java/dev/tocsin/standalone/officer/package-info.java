/**
 * A duty officer's side, played: the HTTP API and the live stream as the console uses them, for benchmarks and
 * end-to-end tests. Start with {@link dev.tocsin.standalone.officer.LiveClient}.
 */
@NullMarked
package dev.tocsin.standalone.officer;

import org.jspecify.annotations.NullMarked;
