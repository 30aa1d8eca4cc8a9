/**
 * The registry: areas, gateways and devices as people want them, and devices that were seen. A file, an administrator and
 * the gateways' {@code seen} messages enter; versioned retained desired state leaves. Start with
 * {@link dev.tocsin.cloud.devices.Registry}.
 */
@NullMarked
package dev.tocsin.cloud.devices;

import org.jspecify.annotations.NullMarked;
