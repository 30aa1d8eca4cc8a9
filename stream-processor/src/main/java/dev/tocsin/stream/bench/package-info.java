/**
 * Measures the jobs without a broker: {@link dev.tocsin.stream.bench.Traffic} writes messages as agents send them into a
 * file, {@link dev.tocsin.stream.bench.RecordedSource} hands them to a job as fast as it takes them, and
 * {@link dev.tocsin.stream.bench.AlarmRate} and {@link dev.tocsin.stream.bench.ArchiveRate} print one line each. Run by
 * {@code ./tocsin bench}.
 */
@NullMarked
package dev.tocsin.stream.bench;

import org.jspecify.annotations.NullMarked;
