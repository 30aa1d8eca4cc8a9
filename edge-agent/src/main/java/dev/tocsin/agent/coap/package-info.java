/**
 * CoAP, both ways. Messages enter at the agent's server ({@link dev.tocsin.agent.coap.CoapIntake}, plain and over DTLS),
 * as CoIoT of Shelly devices, and as answers of devices that are CoAP servers and are asked. They leave by the
 * {@link dev.tocsin.agent.acquire.Intake}, as what their senders may say. Start with {@code CoapIntake}.
 */
@NullMarked
package dev.tocsin.agent.coap;

import org.jspecify.annotations.NullMarked;
