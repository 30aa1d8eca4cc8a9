package dev.tocsin.stream.bench;

import com.sun.management.OperatingSystemMXBean;
import java.lang.management.ManagementFactory;

/** What this process has used of the cores, garbage collection and compilation included. */
final class ProcessTime {
    private static final OperatingSystemMXBean SYSTEM =
            (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();

    private ProcessTime() {}

    static long cpuNs() {
        return SYSTEM.getProcessCpuTime();
    }
}
