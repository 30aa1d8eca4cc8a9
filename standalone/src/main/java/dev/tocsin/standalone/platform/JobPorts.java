package dev.tocsin.standalone.platform;

import java.util.ArrayList;
import java.util.List;

/** Where Flink listens, all on 127.0.0.1 and TCP; with it the choice of how the jobs are run. */
public sealed interface JobPorts {
    /** Everything that will listen. */
    List<PortUse> uses();

    /**
     * Each job in a JVM of its own.
     *
     * @param alarmRest Flink's REST interface of the alarm job
     * @param alarmBlob Flink's file server of the alarm job, which its mini cluster always opens
     * @param alarmMetrics Prometheus of the alarm job
     */
    record Apart(int alarmMetrics, int archiveMetrics, int alarmRest, int archiveRest, int alarmBlob, int archiveBlob)
            implements JobPorts {
        @Override
        public List<PortUse> uses() {
            return List.of(
                    PortUse.tcp("alarm job metrics", "--alarm-metrics-port", alarmMetrics),
                    PortUse.tcp("archive job metrics", "--archive-metrics-port", archiveMetrics),
                    PortUse.tcp("Flink REST of the alarm job", "--alarm-rest-port", alarmRest),
                    PortUse.tcp("Flink REST of the archive job", "--archive-rest-port", archiveRest),
                    PortUse.tcp("Flink files of the alarm job", "--alarm-blob-port", alarmBlob),
                    PortUse.tcp("Flink files of the archive job", "--archive-blob-port", archiveBlob));
        }
    }

    /**
     * Both jobs on a cluster of one JobManager and {@value #TASK_MANAGERS} TaskManagers.
     *
     * @param rest Flink's REST interface
     * @param internal the first of {@value #INTERNAL} ports in a row on which the parts of the cluster talk to each other
     * @param metrics Prometheus of the JobManager; those of the TaskManagers follow
     */
    record Cluster(int rest, int internal, int metrics) implements JobPorts {
        public static final int TASK_MANAGERS = 2;
        static final int OF_JOB_MANAGER = 3;
        static final int OF_TASK_MANAGER = 3;
        static final int INTERNAL = OF_JOB_MANAGER + TASK_MANAGERS * OF_TASK_MANAGER;

        /** What a machine with one platform uses. */
        public static final Cluster DEFAULT = new Cluster(8081, 6121, 9249);

        int jobManagerRpc() {
            return internal;
        }

        int blob() {
            return internal + 1;
        }

        /** Where the web interface asks the JobManager for its metrics. */
        int jobManagerQueries() {
            return internal + 2;
        }

        /** @param i of the TaskManager, from 0 */
        int taskManagerRpc(int i) {
            return internal + OF_JOB_MANAGER + i * OF_TASK_MANAGER;
        }

        /** Where other TaskManagers fetch records. */
        int taskManagerData(int i) {
            return taskManagerRpc(i) + 1;
        }

        int taskManagerQueries(int i) {
            return taskManagerRpc(i) + 2;
        }

        int taskManagerMetrics(int i) {
            return metrics + 1 + i;
        }

        @Override
        public List<PortUse> uses() {
            List<PortUse> uses = new ArrayList<>();
            uses.add(PortUse.tcp("Flink REST", "--flink-rest-port", rest));
            for (int i = 0; i < INTERNAL; i++) {
                uses.add(PortUse.tcp("Flink's own traffic", "--flink-internal-ports", internal + i));
            }
            for (int i = 0; i <= TASK_MANAGERS; i++) {
                uses.add(PortUse.tcp("Flink metrics", "--flink-metrics-ports", metrics + i));
            }
            return uses;
        }
    }
}
