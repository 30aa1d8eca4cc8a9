/**
 * How alerts of one place speak for each other. Alerts enter as they are published; those of which something new is to
 * be said leave. By which rules is data: {@link dev.tocsin.profiles.correlate.CorrelationRules}. Start with
 * {@link dev.tocsin.profiles.correlate.Correlator}.
 */
@NullMarked
package dev.tocsin.profiles.correlate;

import org.jspecify.annotations.NullMarked;
