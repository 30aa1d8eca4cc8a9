/**
 * What somebody wants a gateway to do once, and what became of it: {@link dev.tocsin.profiles.command.Command} goes down,
 * {@link dev.tocsin.profiles.command.CommandReply} comes up, as JSON.
 */
@NullMarked
package dev.tocsin.profiles.command;

import org.jspecify.annotations.NullMarked;
