package dev.tocsin.standalone;

import dev.tocsin.standalone.platform.GatewayDoor;
import dev.tocsin.standalone.platform.JobPorts;
import dev.tocsin.standalone.platform.Ports;
import picocli.CommandLine.Option;

/** The port of everything that listens, but for Flink; each can be given by environment too. */
final class PortOptions {
    @Option(
            names = "--mqtt-port",
            defaultValue = "${env:TOCSIN_MQTT_PORT:-1883}",
            description = "MQTT (${DEFAULT-VALUE})")
    int mqtt;

    @Option(
            names = "--mqtts-port",
            defaultValue = "${env:TOCSIN_MQTTS_PORT:-8883}",
            description = "MQTT over TLS, for gateways (${DEFAULT-VALUE})")
    int mqtts;

    @Option(
            names = "--gateways-port",
            defaultValue = "${env:TOCSIN_GATEWAYS_PORT:-8443}",
            description = "where gateways enrol, TLS (${DEFAULT-VALUE})")
    int gateways;

    @Option(
            names = "--coap-port",
            defaultValue = "${env:TOCSIN_COAP_PORT:-5683}",
            description = "CoAP, UDP (${DEFAULT-VALUE})")
    int coap;

    @Option(
            names = "--http-port",
            defaultValue = "${env:TOCSIN_HTTP_PORT:-8080}",
            description = "console and API (${DEFAULT-VALUE})")
    int http;

    @Option(
            names = "--agent-port",
            defaultValue = "${env:TOCSIN_AGENT_PORT:-9464}",
            description = "metrics and health of the agent (${DEFAULT-VALUE})")
    int agent;

    @Option(
            names = "--postgres-port",
            defaultValue = "${env:TOCSIN_POSTGRES_PORT:-5433}",
            description = "embedded PostgreSQL (${DEFAULT-VALUE})")
    int postgres;

    Ports ports(JobPorts jobs) {
        return new Ports(mqtt, new GatewayDoor(mqtts, gateways), coap, http, agent, postgres, jobs);
    }
}
