/**
 * Batches enter, readings that were not seen before leave, each with the place it comes from. What cannot be decoded
 * leaves as {@link dev.tocsin.profiles.reading.Rejected}. Keyed by gateway. Start with
 * {@link dev.tocsin.stream.ingest.Ingest}.
 */
@NullMarked
package dev.tocsin.stream.ingest;

import org.jspecify.annotations.NullMarked;
