/**
 * Reads splits. Messages of the broker enter on one thread a session, elements leave on Flink's; in between stands a
 * bounded {@link dev.tocsin.stream.source.reader.HandOver}. Which acknowledgement belongs to which checkpoint is
 * {@link dev.tocsin.stream.source.reader.AckLedger}'s business, a plain class. Start with
 * {@link dev.tocsin.stream.source.reader.MqttReader}.
 */
@NullMarked
package dev.tocsin.stream.source.reader;

import org.jspecify.annotations.NullMarked;
