package dev.tocsin.agent.command;

import dev.tocsin.agent.desired.Registry;
import dev.tocsin.agent.judge.EdgeJudge;
import dev.tocsin.agent.observe.AgentMetrics;
import dev.tocsin.agent.observe.LogControl;
import dev.tocsin.agent.observe.Secrets;
import dev.tocsin.agent.output.Outputs;
import dev.tocsin.agent.spool.Spool;
import dev.tocsin.agent.spool.WriterThread;
import dev.tocsin.profiles.command.Command;
import dev.tocsin.profiles.command.Command.Kind;
import dev.tocsin.profiles.desired.DesiredJson;
import dev.tocsin.profiles.profile.DeviceCommand;
import dev.tocsin.profiles.profile.Profile;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/** What each kind of command does, with the parts of the agent that it is about. For the desk's thread. */
public final class Actions {
    private static final Duration PATIENCE = Duration.ofSeconds(10);
    private static final int MAX_MINUTES = 1_440;
    private static final int MAX_LOG = 25_000;
    private static final int MAX_METRICS = 20_000;
    private static final int MAX_STATUS = 8_000;
    private static final int MAX_SETTINGS = 12_000;

    private final Parts parts;
    private final WriterThread writer;

    /**
     * The parts of the agent.
     *
     * @param configuration by key, without secrets
     * @param health what the agent says of itself
     */
    public record Parts(
            Spool spool,
            EdgeJudge judge,
            Registry registry,
            Outputs outputs,
            LogControl log,
            AgentMetrics metrics,
            Secrets secrets,
            Map<String, String> configuration,
            Supplier<Map<String, Object>> health,
            BooleanSupplier uplinkConnected,
            BooleanSupplier fieldConnected,
            BooleanSupplier clockKnown,
            Clock clock) {}

    private Actions(Parts parts) {
        this.parts = parts;
        this.writer = new WriterThread(parts.spool(), PATIENCE);
    }

    /** @param restart ends the process in order; somebody starts it again */
    public static CommandDesk desk(Parts parts, Runnable restart, LongSupplier monotonicMs) {
        return new CommandDesk(
                parts.spool(),
                new Actions(parts).byKind(),
                restart,
                parts.metrics(),
                parts.clock(),
                parts.clockKnown(),
                monotonicMs);
    }

    private Map<Kind, Action> byKind() {
        Map<Kind, Action> actions = new EnumMap<>(Kind.class);
        actions.put(Kind.SILENCE, this::silence);
        actions.put(Kind.SELF_TEST, this::selfTest);
        actions.put(Kind.RESET, this::reset);
        actions.put(Kind.READ_CONFIGURATION, command -> configuration());
        actions.put(Kind.LOG_LEVEL, this::logLevel);
        actions.put(Kind.DIAGNOSTICS, command -> diagnostics());
        actions.put(Kind.RESTART, command -> Outcome.done("The agent restarts.", "网关程序即将重启。"));
        actions.put(Kind.DEVICE, this::device);
        return actions;
    }

    private Outcome silence(Command command) {
        int minutes = command.number("minutes", 0, 1, MAX_MINUTES);
        List<String> silenced = parts.outputs().silence(command.arguments().get("output"), minutes * 60_000L);
        return silenced.isEmpty()
                ? Outcome.done("No output sounds for an alert that stands.", "当前没有正在鸣响的输出。")
                : Outcome.done(
                        "Silenced: " + String.join(", ", silenced) + ". A new alert sounds.",
                        "已静音：" + String.join("、", silenced) + "。新报警仍会鸣响。");
    }

    private Outcome selfTest(Command command) throws InterruptedException {
        Map<String, String> results = new LinkedHashMap<>();
        long begin = System.nanoTime();
        boolean onDisk = writer.run(draft -> {});
        String fault = parts.spool().status().fault();
        results.put(
                "spool",
                onDisk && fault == null
                        ? "ok"
                        : "the disk refuses"
                                + (fault == null ? "" : ": " + parts.secrets().hide(fault)));
        results.put("uplink", parts.uplinkConnected().getAsBoolean() ? "ok" : "away");
        results.put("field", parts.fieldConnected().getAsBoolean() ? "ok" : "away");
        results.put("clock", parts.clockKnown().getAsBoolean() ? "ok" : "never set");
        if (Boolean.parseBoolean(command.argument("outputs", "false"))) {
            parts.outputs().test().forEach((name, result) -> results.put("output." + name, result));
        }
        List<String> bad = results.entrySet().stream()
                .filter(entry ->
                        !entry.getValue().equals("ok") && !entry.getValue().equals("on already"))
                .map(Map.Entry::getKey)
                .toList();
        results.put("time", parts.clock().instant().toString());
        results.put("spoolMs", Long.toString((System.nanoTime() - begin) / 1_000_000));
        Outcome said = bad.isEmpty()
                ? Outcome.done("Everything works.", "自检正常。")
                : Outcome.done("Does not work: " + String.join(", ", bad), "自检异常：" + String.join("、", bad));
        return new Outcome(true, said.text(), results);
    }

    private Outcome reset(Command command) throws IOException, InterruptedException {
        String device = String.valueOf(command.device());
        List<String> reset = writer.ask(
                draft -> parts.judge().reset(draft, device, command.arguments().get("rule")));
        return reset.isEmpty()
                ? Outcome.done("No latching rule of the device holds anything.", "该设备没有锁定中的规则。")
                : Outcome.done("Reset: " + String.join(", ", reset), "已复位：" + String.join("、", reset));
    }

    private Outcome configuration() {
        Map<String, String> told = new LinkedHashMap<>();
        StringBuilder keys = new StringBuilder();
        new TreeMap<>(parts.configuration())
                .forEach((key, value) ->
                        keys.append(key).append('=').append(value).append('\n'));
        told.put("configuration", cut(parts.secrets().hide(keys.toString()), MAX_SETTINGS));
        Registry registry = parts.registry();
        told.put("registryVersion", Long.toString(registry.version()));
        told.put("settingsVersion", Long.toString(registry.settingsVersion()));
        told.put("settings", cut(registry.settingsText(), MAX_SETTINGS));
        told.put("profiles", cut(registry.profiles().toString(), MAX_SETTINGS));
        told.put("ruleSets", cut(registry.ruleSets().toString(), MAX_SETTINGS));
        told.put("outputs", cut(parts.outputs().states().toString(), MAX_STATUS));
        return Outcome.done(told);
    }

    private Outcome logLevel(Command command) {
        String level = command.argument("level", "");
        int minutes = command.number("minutes", 15, 1, MAX_MINUTES);
        parts.log().forATime(level, Duration.ofMinutes(minutes));
        return Outcome.done(
                "The log is at " + level + " for " + minutes + " min.", "日志级别已设为 " + level + "，持续 " + minutes + " 分钟。");
    }

    private Outcome diagnostics() {
        StringBuilder ours = new StringBuilder();
        parts.metrics()
                .scrape()
                .lines()
                .filter(line -> line.startsWith("tocsin_"))
                .forEach(line -> ours.append(line).append('\n'));
        String status = new String(DesiredJson.write(parts.health().get()), StandardCharsets.UTF_8);
        Secrets secrets = parts.secrets();
        return Outcome.done(Map.of(
                "log", cut(secrets.hide(parts.log().newest(MAX_LOG)), MAX_LOG),
                "metrics", cut(secrets.hide(ours.toString()), MAX_METRICS),
                "status", cut(secrets.hide(status), MAX_STATUS)));
    }

    private Outcome device(Command command) throws IOException {
        String device = String.valueOf(command.device());
        Registry registry = parts.registry();
        String enrolledAs = registry.profileOf(device);
        Profile profile = enrolledAs == null ? null : registry.catalog().find(enrolledAs);
        if (profile == null) {
            throw new IllegalArgumentException(
                    "the device " + device + " is not enrolled here, or its profile is unknown");
        }
        String name = command.argument("command", "");
        DeviceCommand known = profile.commands().get(name);
        if (known == null) {
            throw new IllegalArgumentException("the profile " + profile.id() + " has no command '" + name + "', only "
                    + profile.commands().keySet());
        }
        byte[] payload = known.payloadWith(command.argument("value", "")).getBytes(StandardCharsets.UTF_8);
        String target = known.targetOf(device);
        if (known.way() == DeviceCommand.Way.MQTT) {
            parts.outputs().field().publish(target, payload, false);
        } else {
            String address = registry.addressOf(device);
            if (address == null) {
                throw new IOException("no settings say at which address the device " + device + " is");
            }
            parts.outputs().coap().send(address + "/" + target, known.way() == DeviceCommand.Way.COAP_PUT, payload);
        }
        return Outcome.DONE;
    }

    private static String cut(String text, int longest) {
        return text.length() <= longest ? text : text.substring(0, longest);
    }
}
