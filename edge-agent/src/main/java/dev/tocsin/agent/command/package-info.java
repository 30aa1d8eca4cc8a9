/**
 * What people want done here once: commands enter from the cloud, replies leave through the spool. Start with
 * {@link dev.tocsin.agent.command.CommandDesk}.
 */
@NullMarked
package dev.tocsin.agent.command;

import org.jspecify.annotations.NullMarked;
