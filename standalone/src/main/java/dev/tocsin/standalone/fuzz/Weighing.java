package dev.tocsin.standalone.fuzz;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * Weighs what the fuzzer kept, in a process without its instruments. Arguments: the decoder, and folders of inputs.
 * Prints one line: how many, the longest processor time in ns, the most memory in bytes, and for each input beyond the
 * limits of {@link Cost} a line of its own.
 */
public final class Weighing {
    private static final int ATTEMPTS = 20;
    private static final long WARM_UP_NANOS = 3_000_000_000L;

    private record Input(Path file, byte[] bytes) {}

    private Weighing() {}

    public static void main(String[] arguments) throws IOException {
        Decoder decoder = Decoder.valueOf(arguments[0]);
        List<Input> inputs = new ArrayList<>();
        for (String folder : List.of(arguments).subList(1, arguments.length)) {
            try (Stream<Path> files = Files.list(Path.of(folder))) {
                for (Path file : files.sorted().toList()) {
                    inputs.add(new Input(file, Files.readAllBytes(file)));
                }
            }
        }
        warmUp(decoder, inputs);
        long nanos = 0;
        long allocated = 0;
        for (Input input : inputs) {
            Cost cost = least(decoder, input.bytes);
            nanos = Math.max(nanos, cost.nanos());
            allocated = Math.max(allocated, cost.allocatedBytes());
            if (cost.share(decoder, input.bytes.length) > 1) {
                System.out.printf(
                        "TOO DEAR %s: %d bytes take %.2f ms and %,d bytes of memory%n",
                        input.file, input.bytes.length, cost.nanos() / 1e6, cost.allocatedBytes());
            }
        }
        System.out.println("WEIGHED " + inputs.size() + " " + nanos + " " + allocated);
    }

    private static void warmUp(Decoder decoder, List<Input> inputs) {
        for (long until = System.nanoTime() + WARM_UP_NANOS; System.nanoTime() < until; ) {
            for (Input input : inputs) {
                decoder.takes(input.bytes);
            }
        }
    }

    /** Compilers, collections and other processes take their turns; the input's own cost is the least of some. */
    private static Cost least(Decoder decoder, byte[] input) {
        Cost least = Cost.of(decoder, input);
        for (int i = 1; i < ATTEMPTS; i++) {
            least = least.least(Cost.of(decoder, input));
        }
        return least;
    }
}
