package dev.tocsin.standalone;

import dev.tocsin.standalone.fuzz.Decoder;
import dev.tocsin.standalone.fuzz.Fuzzing;
import dev.tocsin.standalone.platform.Layout;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "fuzz",
        mixinStandardHelpOptions = true,
        description = "Attacks every decoder that the network reaches with invented input, and prints what it bore.")
final class FuzzCommand implements Callable<Integer> {
    @Option(names = "--seconds", defaultValue = "600", description = "for each decoder (${DEFAULT-VALUE})")
    private int seconds = 600;

    @Option(
            names = "--out",
            defaultValue = "target/fuzz",
            description = "folder for inputs that a decoder did not bear, and for what it was fed (${DEFAULT-VALUE})")
    private Path out = Path.of("target/fuzz");

    @Parameters(arity = "0..*", description = "${COMPLETION-CANDIDATES}; all of them where none is named")
    private List<Decoder> decoders = List.of();

    @Override
    public Integer call() throws IOException, InterruptedException {
        Fuzzing fuzzing = new Fuzzing(
                Layout.fromEnvironment(), Files.createDirectories(out.toAbsolutePath()), System.out::println);
        boolean bore = true;
        for (Decoder decoder : decoders.isEmpty() ? List.of(Decoder.values()) : decoders) {
            bore &= fuzzing.attack(decoder, Duration.ofSeconds(seconds));
        }
        return bore ? 0 : 1;
    }
}
