/**
 * Attacks every decoder that the network reaches: invented bytes enter, crashes and the dearest input leave. Start with
 * {@link dev.tocsin.standalone.fuzz.Fuzzing}; what is attacked is in {@link dev.tocsin.standalone.fuzz.Decoder}.
 */
@NullMarked
package dev.tocsin.standalone.fuzz;

import org.jspecify.annotations.NullMarked;
