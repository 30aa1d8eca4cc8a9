/**
 * The sensor side, played: a publisher that behaves as a careful device does. Payloads enter, acknowledged MQTT
 * messages leave; start with {@link dev.tocsin.standalone.field.FieldPublisher}.
 */
@NullMarked
package dev.tocsin.standalone.field;

import org.jspecify.annotations.NullMarked;
