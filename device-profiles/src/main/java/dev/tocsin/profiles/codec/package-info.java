/**
 * Bytes of a sensor's message enter, readings (or the reason why not) leave, as the profile says. Start with
 * {@link dev.tocsin.profiles.codec.Incoming}.
 */
@NullMarked
package dev.tocsin.profiles.codec;

import org.jspecify.annotations.NullMarked;
