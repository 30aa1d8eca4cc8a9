package dev.tocsin.cloud.devices;

import dev.tocsin.profiles.desired.GatewayState.Enrolment;

/** A gateway of the registry. */
public record RegisteredGateway(String id, String name, Spot spot, Enrolment enrolment) {}
