package dev.tocsin.agent.command;

import dev.tocsin.profiles.command.Command;
import java.io.IOException;

/** Carries out one kind of command, in bounded time. For the desk's thread. */
@FunctionalInterface
interface Action {
    /**
     * @throws IllegalArgumentException when the arguments do not fit
     * @throws IOException when it could not be done
     */
    Outcome carryOut(Command command) throws IOException, InterruptedException;
}
