/** What the metrics of several operators share. Start with {@link dev.tocsin.stream.measure.Quantiles}. */
@NullMarked
package dev.tocsin.stream.measure;

import org.jspecify.annotations.NullMarked;
