/**
 * What this job has published comes back from the alert topic and enters here, keyed by area; it leaves as it came, and
 * behind it claims that say what the alerts of the area mean for each other. How they do is
 * {@link dev.tocsin.profiles.correlate.Correlator}'s business, a plain class. Start with
 * {@link dev.tocsin.stream.correlate.Correlate}.
 */
@NullMarked
package dev.tocsin.stream.correlate;

import org.jspecify.annotations.NullMarked;
