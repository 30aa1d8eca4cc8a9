/**
 * What a device measured: {@link dev.tocsin.profiles.reading.Reading} with its quality, columns of them for the
 * stream, and what could not be digested. Nothing enters or leaves; start with {@code Reading}.
 */
@NullMarked
package dev.tocsin.profiles.reading;

import org.jspecify.annotations.NullMarked;
