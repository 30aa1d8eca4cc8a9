/**
 * How a datagram becomes a CoAP message: bytes enter, messages leave, or why not. Start with {@link
 * dev.tocsin.profiles.coap.CoapParser}. The only package that knows Californium, which the agent and the attack on its
 * decoders bring; the jobs and the API do without.
 */
@NullMarked
package dev.tocsin.profiles.coap;

import org.jspecify.annotations.NullMarked;
