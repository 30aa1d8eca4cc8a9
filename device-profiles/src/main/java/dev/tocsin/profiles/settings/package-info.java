/**
 * What a gateway is set to beside its devices and rules: a text in YAML enters, outputs and a log level leave. Start with
 * {@link dev.tocsin.profiles.settings.GatewaySettings}.
 */
@NullMarked
package dev.tocsin.profiles.settings;

import org.jspecify.annotations.NullMarked;
