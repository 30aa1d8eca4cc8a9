package dev.tocsin.standalone.database;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * How a command of PostgreSQL is run, which refuses to be root. For an ordinary user: as it is. For root: in a user
 * namespace of its own, where root is nobody and the files stay root's; where the kernel refuses that, as the user
 * {@code nobody}, who is then given PostgreSQL's folder.
 */
enum RunAs {
    MYSELF {
        @Override
        List<String> prefix() {
            return List.of();
        }
    },
    NAMESPACE {
        @Override
        List<String> prefix() {
            return List.of("unshare", "-U");
        }
    },
    NOBODY {
        @Override
        List<String> prefix() {
            return List.of("setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups");
        }

        @Override
        void handOver(Path tree) throws IOException {
            var lookup = tree.getFileSystem().getUserPrincipalLookupService();
            try (Stream<Path> paths = Files.walk(tree)) {
                for (Path path : paths.toList()) {
                    Files.setOwner(path, lookup.lookupPrincipalByName("nobody"));
                }
            }
        }
    };

    private static final int ROOT = 0;
    private static final long PROBE_SECONDS = 10;

    abstract List<String> prefix();

    /** Makes this folder the property of whom the commands run as. */
    void handOver(Path tree) throws IOException {}

    /** @throws IOException when this process is root and cannot be anybody else */
    static RunAs choose() throws IOException {
        if (!Files.getAttribute(Path.of("/proc/self"), "unix:uid").equals(ROOT)) {
            return MYSELF;
        }
        for (RunAs way : List.of(NAMESPACE, NOBODY)) {
            if (way.works()) {
                return way;
            }
        }
        throw new IOException("PostgreSQL does not run as root, and neither 'unshare -U' nor 'setpriv' may make this"
                + " process somebody else: start Tocsin as an ordinary user");
    }

    List<String> command(List<String> command) {
        List<String> whole = new ArrayList<>(prefix());
        whole.addAll(command);
        return whole;
    }

    private boolean works() {
        try {
            Process probe = new ProcessBuilder(command(List.of("true")))
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start();
            return probe.waitFor(PROBE_SECONDS, TimeUnit.SECONDS) && probe.exitValue() == 0;
        } catch (IOException e) {
            return false; // The program is not installed.
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }
}
