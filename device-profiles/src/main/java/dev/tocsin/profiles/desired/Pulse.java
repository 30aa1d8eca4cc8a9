package dev.tocsin.profiles.desired;

import java.time.Instant;

/**
 * The test reading that travels every 5 s from the agent through the alarm job to the console, on
 * {@code tocsin/v1/pulse/{gateway}}.
 *
 * @param number counts since the agent's start
 * @param sent at the agent
 * @param passed at the alarm job
 */
public record Pulse(String gateway, long number, Instant sent, Instant passed) {
    /** The metric and the profile of the pulse reading; its device is the gateway itself. */
    public static final String METRIC = "pulse";

    public static final String PROFILE = "tocsin-gateway";
}
