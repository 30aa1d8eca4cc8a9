/**
 * What people want gateways and devices to do once: requests enter, commands leave to the broker, replies enter and are
 * shown. Start with {@link dev.tocsin.cloud.commands.CommandRoutes}.
 */
@NullMarked
package dev.tocsin.cloud.commands;

import org.jspecify.annotations.NullMarked;
