package dev.tocsin.profiles.desired;

import java.time.Instant;

/**
 * A device that reported without being enrolled, on the gateway's {@code seen} topic.
 *
 * @param profile the profile under which its messages were read
 * @param accepted whether its readings were taken (open enrolment)
 */
public record SeenDevice(String gateway, String device, String profile, boolean accepted, Instant at) {}
