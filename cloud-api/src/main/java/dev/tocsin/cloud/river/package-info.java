/**
 * Whether the river flows: pulses, gateways' status, the archive's newest pulse and the state of our own connections enter;
 * a verdict on each part leaves. Start with {@link dev.tocsin.cloud.river.RiverWatch}.
 */
@NullMarked
package dev.tocsin.cloud.river;

import org.jspecify.annotations.NullMarked;
