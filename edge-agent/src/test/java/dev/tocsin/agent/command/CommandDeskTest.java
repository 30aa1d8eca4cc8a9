package dev.tocsin.agent.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.tocsin.agent.observe.AgentMetrics;
import dev.tocsin.agent.spool.Keep;
import dev.tocsin.agent.spool.Spool;
import dev.tocsin.agent.spool.SpoolReader;
import dev.tocsin.agent.spool.Spools;
import dev.tocsin.profiles.command.Command;
import dev.tocsin.profiles.command.Command.Kind;
import dev.tocsin.profiles.command.CommandReply;
import dev.tocsin.profiles.command.CommandReply.Result;
import dev.tocsin.profiles.desired.DesiredJson;
import dev.tocsin.profiles.wire.Lane;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What becomes of commands when the disk tells only late what earlier runs did. */
class CommandDeskTest {
    private static final Duration SOON = Duration.ofSeconds(30);

    @TempDir
    Path folder;

    private final List<String> carriedOut = new CopyOnWriteArrayList<>();
    private Spool spool;
    private CommandDesk desk;

    @BeforeEach
    void start() {
        spool = Spools.of(folder.resolve("spool.db"), Spools.limits(1 << 24, 1_000, 100));
        spool.start(commit -> {}, () -> {});
        desk = new CommandDesk(
                spool,
                Map.of(Kind.SELF_TEST, command -> {
                    carriedOut.add(command.id());
                    return Outcome.DONE;
                }),
                () -> {},
                new AgentMetrics(),
                Clock.systemUTC(),
                () -> true,
                Spools.monotonicMs());
        desk.start();
    }

    @AfterEach
    void stop() {
        desk.close();
        spool.close();
    }

    /** As if the disk had held it all the time, and could not be read when the desk was made. */
    private void earlierRunSaid(String id, Result result) {
        Instant now = Instant.now();
        CommandReply reply = new CommandReply(id, result, null, Map.of(), now, now);
        spool.submit(new Keep(Ledger.KIND, id, DesiredJson.write(reply)), SOON);
        await().atMost(SOON).until(() -> spool.kept(Ledger.KIND).containsKey(id));
    }

    private void send(String id) {
        Instant now = Instant.now();
        desk.received(
                DesiredJson.write(new Command(id, Kind.SELF_TEST, now, now.plusSeconds(60), null, Map.of())), 60L);
    }

    private List<Result> repliesTo(String id) {
        try (SpoolReader reader = spool.reader()) {
            return reader.messages(Lane.REPLY, 0, 100).stream()
                    .map(message -> CommandReply.read(message.body()))
                    .filter(reply -> reply.command().equals(id))
                    .map(CommandReply::result)
                    .toList();
        }
    }

    @Test
    void whatAnEarlierRunCarriedOutIsNotDoneAgainWhenTheDiskTellsOfItLate() {
        earlierRunSaid("done", Result.DONE);
        desk.recall();
        send("done");
        send("fresh");
        await().atMost(SOON).until(() -> repliesTo("fresh").equals(List.of(Result.ACCEPTED, Result.DONE)));
        assertThat(carriedOut).containsExactly("fresh");
        assertThat(repliesTo("done")).endsWith(Result.DONE);
    }

    @Test
    void whatAnEarlierRunBeganIsReportedWhenTheDiskTellsOfItLateAndNotDoneAgain() {
        earlierRunSaid("begun", Result.ACCEPTED);
        desk.recall();
        await().atMost(SOON).until(() -> repliesTo("begun").equals(List.of(Result.FAILED)));
        send("begun");
        await().atMost(SOON).until(() -> repliesTo("begun").size() == 2);
        assertThat(repliesTo("begun")).containsOnly(Result.FAILED);
        assertThat(carriedOut).isEmpty();
    }
}
