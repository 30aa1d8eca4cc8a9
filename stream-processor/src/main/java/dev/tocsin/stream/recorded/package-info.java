/**
 * The clock that the operators' timers go by: the machine's, or the time at which archived readings were received, so
 * that the same operators judge a week within minutes. Operators enter and leave. Start with
 * {@link dev.tocsin.stream.recorded.Timekeeping}.
 */
@NullMarked
package dev.tocsin.stream.recorded;

import org.jspecify.annotations.NullMarked;
