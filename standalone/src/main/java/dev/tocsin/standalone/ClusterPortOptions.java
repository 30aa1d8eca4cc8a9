package dev.tocsin.standalone;

import dev.tocsin.standalone.platform.JobPorts;
import picocli.CommandLine.Option;

/** Where a Flink cluster listens. */
final class ClusterPortOptions {
    @Option(
            names = "--flink-rest-port",
            defaultValue = "${env:TOCSIN_FLINK_REST_PORT:-8081}",
            description = "Flink REST and web interface (${DEFAULT-VALUE})")
    int rest;

    @Option(
            names = "--flink-internal-ports",
            defaultValue = "${env:TOCSIN_FLINK_INTERNAL_PORTS:-6121}",
            description = "the first of nine ports in a row, Flink's own traffic (${DEFAULT-VALUE})")
    int internal;

    @Option(
            names = "--flink-metrics-ports",
            defaultValue = "${env:TOCSIN_FLINK_METRICS_PORTS:-9249}",
            description =
                    "the first of three ports in a row, metrics of JobManager and TaskManagers (${DEFAULT-VALUE})")
    int metrics;

    JobPorts ports() {
        return new JobPorts.Cluster(rest, internal, metrics);
    }
}
