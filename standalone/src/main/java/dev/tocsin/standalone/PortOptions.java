package dev.tocsin.standalone;

import dev.tocsin.standalone.platform.Ports;
import picocli.CommandLine.Option;

/** The port of everything that listens; each can be given by environment too. */
final class PortOptions {
    @Option(
            names = "--mqtt-port",
            defaultValue = "${env:TOCSIN_MQTT_PORT:-1883}",
            description = "MQTT (${DEFAULT-VALUE})")
    int mqtt;

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
            names = "--alarm-metrics-port",
            defaultValue = "${env:TOCSIN_ALARM_METRICS_PORT:-9249}",
            description = "metrics of the alarm job (${DEFAULT-VALUE})")
    int alarmMetrics;

    @Option(
            names = "--archive-metrics-port",
            defaultValue = "${env:TOCSIN_ARCHIVE_METRICS_PORT:-9250}",
            description = "metrics of the archive job (${DEFAULT-VALUE})")
    int archiveMetrics;

    @Option(
            names = "--alarm-rest-port",
            defaultValue = "${env:TOCSIN_ALARM_REST_PORT:-8081}",
            description = "Flink REST of the alarm job (${DEFAULT-VALUE})")
    int alarmRest;

    @Option(
            names = "--archive-rest-port",
            defaultValue = "${env:TOCSIN_ARCHIVE_REST_PORT:-8082}",
            description = "Flink REST of the archive job (${DEFAULT-VALUE})")
    int archiveRest;

    @Option(
            names = "--alarm-blob-port",
            defaultValue = "${env:TOCSIN_ALARM_BLOB_PORT:-8091}",
            description = "Flink files of the alarm job (${DEFAULT-VALUE})")
    int alarmBlob;

    @Option(
            names = "--archive-blob-port",
            defaultValue = "${env:TOCSIN_ARCHIVE_BLOB_PORT:-8092}",
            description = "Flink files of the archive job (${DEFAULT-VALUE})")
    int archiveBlob;

    @Option(
            names = "--postgres-port",
            defaultValue = "${env:TOCSIN_POSTGRES_PORT:-5433}",
            description = "embedded PostgreSQL (${DEFAULT-VALUE})")
    int postgres;

    Ports ports() {
        return new Ports(
                mqtt,
                coap,
                http,
                agent,
                alarmMetrics,
                archiveMetrics,
                alarmRest,
                archiveRest,
                alarmBlob,
                archiveBlob,
                postgres);
    }
}
