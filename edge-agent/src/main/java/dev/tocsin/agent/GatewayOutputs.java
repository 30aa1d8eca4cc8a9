package dev.tocsin.agent;

import dev.tocsin.agent.desired.Registry;
import dev.tocsin.agent.judge.EdgeJudge;
import dev.tocsin.agent.observe.AgentMetrics;
import dev.tocsin.agent.output.Outputs;
import dev.tocsin.agent.spool.Draft;
import dev.tocsin.agent.spool.Keep;
import dev.tocsin.agent.spool.Spool;
import dev.tocsin.agent.spool.Work;
import dev.tocsin.profiles.alert.Alert;
import dev.tocsin.profiles.alert.Severity;
import java.time.Clock;
import java.time.Duration;
import java.util.function.LongSupplier;

/** Ties the outputs to what they follow: alerts of the judge, settings of the registry. */
final class GatewayOutputs {
    /** Begins the rules about outputs; the output's name follows. */
    private static final String RULE = EdgeJudge.OF_GATEWAY + "output.";

    private GatewayOutputs() {}

    static Outputs of(
            AgentConfig config,
            Spool spool,
            EdgeJudge judge,
            Registry registry,
            AgentMetrics metrics,
            Clock clock,
            LongSupplier monotonicMs) {
        Outputs outputs = new Outputs(
                config.data(),
                config.field().get(0).address(),
                config.gateway(),
                memory(spool),
                judge.open(),
                (kind, key, body) -> spool.submit(new Keep(kind, key, body), Duration.ZERO),
                (output, reason) -> spool.submit(new Trouble(judge, RULE + output, reason != null), Duration.ZERO),
                metrics,
                clock,
                monotonicMs);
        outputs.apply(registry.settings());
        tellTroubles(judge, outputs);
        registry.onChange(() -> outputs.apply(registry.settings()));
        judge.onAlert(outputs::onAlert);
        return outputs;
    }

    /** The disk could be read at last; on the writer thread, once the judge has recalled what it held. */
    static void recall(Spool spool, EdgeJudge judge, Outputs outputs) {
        outputs.recall(memory(spool), judge.open());
        tellTroubles(judge, outputs);
    }

    private static Outputs.Memory memory(Spool spool) {
        return new Outputs.Memory(spool.kept(Outputs.KIND_ON), spool.kept(Outputs.KIND_SILENCE));
    }

    private static void tellTroubles(EdgeJudge judge, Outputs outputs) {
        judge.open().stream()
                .map(Alert::rule)
                .filter(rule -> rule.startsWith(RULE))
                .forEach(rule -> outputs.inTrouble(rule.substring(RULE.length())));
    }

    /** An output cannot be driven, or can again. */
    private record Trouble(EdgeJudge judge, String rule, boolean stands) implements Work {
        @Override
        public int weight() {
            return 0;
        }

        @Override
        public void into(Draft draft) {
            judge.trouble(draft, rule, Severity.MAJOR, stands);
        }

        @Override
        public void indigestible(Draft draft, RuntimeException cause) {
            // Nothing came in, so there is nothing to reject; the spool has logged the cause.
        }

        @Override
        public void kept() {
            // Nobody waits for it.
        }
    }
}
