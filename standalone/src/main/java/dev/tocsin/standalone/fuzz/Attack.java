package dev.tocsin.standalone.fuzz;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * What the fuzzer calls with each input it invents; whatever the decoder throws is a finding. Its instruments make
 * everything dearer, so an input that costs more than those before it is only laid aside here, and weighed afterwards by
 * {@link Weighing}. For the one thread of the fuzzer.
 */
public final class Attack {
    /** Name of the {@link Decoder}. */
    static final String DECODER = "tocsin.fuzz.decoder";
    /** Folder for what looked dear. */
    static final String SUSPECTS = "tocsin.fuzz.suspects";

    /** Each is that much dearer than the one before: there are few of them. */
    private static final double DEARER = 1.05;

    private static final Decoder TARGET = Decoder.valueOf(System.getProperty(DECODER));
    private static final Path FOLDER = Path.of(System.getProperty(SUSPECTS));

    private static double dearest = 0.01;
    private static int suspects;

    private Attack() {}

    /** Called by Jazzer before its clock runs: classes that are instrumented as they are loaded take their time. */
    public static void fuzzerInitialize() {
        Seeds.of(TARGET).forEach(TARGET::takes);
    }

    /** Called by Jazzer, which finds it by its name. */
    public static void fuzzerTestOneInput(byte[] input) throws IOException {
        Cost cost = Cost.of(TARGET, input);
        if (cost.share(TARGET, input.length) <= dearest) {
            return;
        }
        // The first of a kind pays for the classes it needs.
        double again = cost.least(Cost.of(TARGET, input)).share(TARGET, input.length);
        if (again > dearest) {
            dearest = again * DEARER;
            Files.write(FOLDER.resolve("dear-" + suspects++), input);
        }
    }
}
