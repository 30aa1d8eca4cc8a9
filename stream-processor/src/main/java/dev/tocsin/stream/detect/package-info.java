/**
 * Readings enter, claims leave: the rules of the profiles, held against each device by the same classes as at the
 * edge. Keyed by device; live readings and a backlog each have an instance of their own, so that old readings never
 * meet newer state. Start with {@link dev.tocsin.stream.detect.Detect}.
 */
@NullMarked
package dev.tocsin.stream.detect;

import org.jspecify.annotations.NullMarked;
