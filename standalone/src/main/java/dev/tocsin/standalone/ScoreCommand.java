package dev.tocsin.standalone;

import dev.tocsin.standalone.platform.StartException;
import dev.tocsin.standalone.score.NabScore;
import dev.tocsin.standalone.score.SkabScore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(
        name = "score",
        mixinStandardHelpOptions = true,
        description = "Scores the adaptive detectors on a public benchmark, by the benchmark's own rules.")
final class ScoreCommand {

    @Command(
            name = "nab",
            mixinStandardHelpOptions = true,
            description =
                    "The Numenta Anomaly Benchmark: one detector, one configuration, each row from those before it.")
    int nab(
            @Option(
                            names = "--data",
                            defaultValue = "../shared/data/nab",
                            description = "folder of the benchmark, with data/ and labels/ (${DEFAULT-VALUE})")
                    Path data,
            @Option(
                            names = "--out",
                            defaultValue = "target/nab-results",
                            description = "folder for result files as NAB writes them (${DEFAULT-VALUE})")
                    Path out)
            throws StartException, IOException {
        require(data, "https://github.com/numenta/NAB", "data", NabScore.LABELS);
        NabScore.run(data, out, System.out);
        return 0;
    }

    @Command(
            name = "skab",
            mixinStandardHelpOptions = true,
            description = "The Skoltech Anomaly Benchmark: the plant detector, its outlier detection problem.")
    int skab(
            @Option(
                            names = "--data",
                            defaultValue = "../shared/data/skab",
                            description = "folder of the benchmark, with data/ (${DEFAULT-VALUE})")
                    Path data)
            throws StartException, IOException {
        require(data, "https://github.com/waico/SKAB", "data");
        SkabScore.run(data, System.out);
        return 0;
    }

    private static void require(Path folder, String source, String... parts) throws StartException {
        for (String part : List.of(parts)) {
            if (!Files.isReadable(folder.resolve(part))) {
                throw new StartException(folder.resolve(part) + " is not there: get the benchmark from " + source
                        + " and name its folder with --data");
            }
        }
    }
}
