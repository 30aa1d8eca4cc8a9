package dev.tocsin.agent.spool;

import java.nio.file.Path;

/** A process that opens a spool, writes, closes it and opens it again, until it is killed. The argument is the file. */
final class SpoolToFreeze {
    static final int COMMITS_OF_A_RUN = 4;

    private SpoolToFreeze() {}

    public static void main(String[] arguments) throws InterruptedException {
        for (int number = 1; ; ) {
            try (NumberedWrites writes = new NumberedWrites(Path.of(arguments[0]), SpoolToFreeze::note)) {
                for (int i = 0; i < COMMITS_OF_A_RUN; i++) {
                    writes.commit(number++, () -> {});
                }
            }
        }
    }

    private static void note(String line) {
        System.out.println(line);
    }
}
