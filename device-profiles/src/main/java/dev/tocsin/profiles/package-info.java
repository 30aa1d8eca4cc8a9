/**
 * What a device is: the same truth for the agent, the stream and the cloud.
 *
 * <p>Enters: profile files and raw device messages. Leaves: readings, alerts and the wire format the modules share.
 */
@NullMarked
package dev.tocsin.profiles;

import org.jspecify.annotations.NullMarked;
