package dev.tocsin.standalone;

import dev.tocsin.standalone.platform.Faults;
import dev.tocsin.standalone.platform.StartException;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.util.Objects;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** The command line: {@code ./tocsin}. Exit codes: 0 done, 1 failed, 2 wrong use. */
@Command(
        name = "tocsin",
        mixinStandardHelpOptions = true,
        version = "Tocsin 0.1.0",
        description = "Edge-to-cloud sensing for public safety, on this machine.",
        subcommands = {
            DemoCommand.class,
            UpCommand.class,
            ClusterCommand.class,
            BacktestCommand.class,
            ReplayCommand.class,
            BenchCommand.class,
            ScoreCommand.class,
            FuzzCommand.class
        })
public final class Tocsin {
    private Tocsin() {}

    public static void main(String[] args) {
        System.exit(commandLine().execute(args));
    }

    static CommandLine commandLine() {
        return new CommandLine(new Tocsin())
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setParameterExceptionHandler((wrong, args) -> {
                    CommandLine command = wrong.getCommandLine();
                    command.getErr().println("tocsin: " + wrong.getMessage());
                    command.getErr().println("'" + command.getCommandSpec().qualifiedName() + " --help' says more.");
                    command.getErr().flush();
                    return command.getCommandSpec().exitCodeOnInvalidInput();
                })
                .setExecutionExceptionHandler((failure, commandLine, parsed) -> {
                    PrintWriter err = commandLine.getErr();
                    if (failure instanceof StartException) {
                        err.println("tocsin: " + failure.getMessage());
                    } else if (failure instanceof IOException fault) {
                        err.println("tocsin: " + Faults.inWords(fault));
                    } else if (failure instanceof UncheckedIOException fault) {
                        // A file that breaks in the middle.
                        err.println("tocsin: " + Faults.inWords(Objects.requireNonNull(fault.getCause())));
                    } else {
                        failure.printStackTrace(err);
                    }
                    err.flush();
                    return commandLine.getCommandSpec().exitCodeOnExecutionException();
                });
    }
}
