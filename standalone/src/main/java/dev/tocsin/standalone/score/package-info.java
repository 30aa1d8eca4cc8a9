/**
 * Benchmarks of the adaptive detectors on public data: the series of NAB and SKAB enter, scores by the benchmarks' own
 * rules leave, with NAB's result files. Start with {@link dev.tocsin.standalone.score.NabScore} and
 * {@link dev.tocsin.standalone.score.SkabScore}.
 */
@NullMarked
package dev.tocsin.standalone.score;

import org.jspecify.annotations.NullMarked;
