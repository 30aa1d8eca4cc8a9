package dev.tocsin.standalone;

import dev.tocsin.standalone.platform.StartException;
import java.io.PrintWriter;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** The command line: {@code ./tocsin}. Exit codes: 0 done, 1 failed, 2 wrong use. */
@Command(
        name = "tocsin",
        mixinStandardHelpOptions = true,
        version = "Tocsin 0.1.0",
        description = "Edge-to-cloud sensing for public safety, on this machine.",
        subcommands = {DemoCommand.class, UpCommand.class, ReplayCommand.class, BenchCommand.class})
public final class Tocsin {
    private Tocsin() {}

    public static void main(String[] args) {
        System.exit(commandLine().execute(args));
    }

    static CommandLine commandLine() {
        return new CommandLine(new Tocsin()).setExecutionExceptionHandler((failure, commandLine, parsed) -> {
            PrintWriter err = commandLine.getErr();
            boolean expected = failure instanceof StartException || failure instanceof java.io.IOException;
            if (expected) {
                err.println("tocsin: " + failure.getMessage());
            } else {
                failure.printStackTrace(err);
            }
            err.flush();
            return 1;
        });
    }
}
