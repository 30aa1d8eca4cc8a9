package dev.tocsin.standalone.bench;

import dev.tocsin.standalone.platform.Child;
import dev.tocsin.standalone.platform.Platform;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/** Resident memory of the platform's processes, from {@code /proc}. */
final class ProcessSizes {
    private ProcessSizes() {}

    /** By name, megabytes; PostgreSQL with all of its processes, its shared memory counted once. */
    static Map<String, Long> residentMb(Platform platform) throws IOException {
        Map<String, Long> sizes = new LinkedHashMap<>();
        for (Child child : platform.children()) {
            sizes.put(child.name(), kilobytes(child.pid(), "VmRSS:") / 1024);
        }
        var postgres = platform.postgres();
        if (postgres != null) {
            long postmaster = postgres.pid();
            long own = kilobytes(postmaster, "RssAnon:");
            long shared = kilobytes(postmaster, "RssShmem:") + kilobytes(postmaster, "RssFile:");
            for (ProcessHandle backend :
                    ProcessHandle.of(postmaster).orElseThrow().descendants().toList()) {
                own += kilobytes(backend.pid(), "RssAnon:");
                shared = Math.max(shared, kilobytes(backend.pid(), "RssShmem:") + kilobytes(backend.pid(), "RssFile:"));
            }
            sizes.put("postgres", (own + shared) / 1024);
        }
        return sizes;
    }

    static long kilobytes(long pid, String field) throws IOException {
        Path status = Path.of("/proc", Long.toString(pid), "status");
        if (!Files.exists(status)) {
            return 0;
        }
        for (String line : Files.readAllLines(status)) {
            if (line.startsWith(field)) {
                return Long.parseLong(line.replaceAll("\\D", ""));
            }
        }
        return 0;
    }
}
