/**
 * Who reads which split. Readers register, splits leave. Start with
 * {@link dev.tocsin.stream.source.enumerator.MqttEnumerator}.
 */
@NullMarked
package dev.tocsin.stream.source.enumerator;

import org.jspecify.annotations.NullMarked;
