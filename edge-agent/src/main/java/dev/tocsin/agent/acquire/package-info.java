/**
 * The sensors' side. Messages enter over MQTT and CoAP, are decoded as the profiles say, and leave into the spool; the
 * sensor is answered after the commit. Start with {@link dev.tocsin.agent.acquire.Intake}.
 */
@NullMarked
package dev.tocsin.agent.acquire;

import org.jspecify.annotations.NullMarked;
