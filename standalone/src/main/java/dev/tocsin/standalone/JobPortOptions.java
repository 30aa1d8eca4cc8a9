package dev.tocsin.standalone;

import dev.tocsin.standalone.platform.JobPorts;
import picocli.CommandLine.Option;

/** Where jobs listen that have a JVM each. */
final class JobPortOptions {
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

    JobPorts ports() {
        return new JobPorts.Apart(alarmMetrics, archiveMetrics, alarmRest, archiveRest, alarmBlob, archiveBlob);
    }
}
