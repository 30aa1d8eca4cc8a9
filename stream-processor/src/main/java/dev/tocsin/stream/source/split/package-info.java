/**
 * What one reader is given to read. Start with {@link dev.tocsin.stream.source.split.MqttSplit}.
 */
@NullMarked
package dev.tocsin.stream.source.split;

import org.jspecify.annotations.NullMarked;
