/**
 * Another version of the agent. An order of the cloud enters, an unpacked and verified version in the folder that does not
 * run leaves, and the request to the launcher to try it. Start with {@link dev.tocsin.agent.update.Updater}.
 */
@NullMarked
package dev.tocsin.agent.update;

import org.jspecify.annotations.NullMarked;
