package dev.tocsin.agent;

import dev.tocsin.agent.update.Probe;
import dev.tocsin.agent.update.Updater;
import dev.tocsin.profiles.bundle.BundleException;
import dev.tocsin.profiles.bundle.Release;
import dev.tocsin.profiles.config.Settings;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** The command line {@code edge-agent}. Exit status: 0 done, 1 failed, 2 wrong use; {@code status} adds 3. */
public final class AgentCommand {
    static final int DONE = 0;
    static final int FAILED = 1;
    static final int WRONG_USE = 2;

    private AgentCommand() {}

    /** What stands behind the subcommand, without what is not for the configuration. */
    private record Line(List<String> words, String language) {
        static Line of(List<String> arguments) {
            List<String> words = new ArrayList<>();
            String language = "";
            for (String argument : arguments) {
                if (argument.startsWith("--lang=")) {
                    language = argument.substring("--lang=".length());
                } else {
                    words.add(argument);
                }
            }
            return new Line(words, language);
        }

        /** The value of an option that only this command has; it is taken out. */
        String take(String option) {
            for (String word : words) {
                if (word.startsWith(option + "=")) {
                    words.remove(word);
                    return word.substring(option.length() + 1);
                }
            }
            return "";
        }

        Settings settings() {
            return new Settings(words.toArray(new String[0]), System.getenv());
        }
    }

    public static void main(String[] arguments) throws InterruptedException {
        boolean named = arguments.length > 0 && !arguments[0].startsWith("--");
        if (arguments.length == 0 || !named && !List.of("--help", "--version").contains(arguments[0])) {
            EdgeAgent.main(arguments);
            return;
        }
        Line line = Line.of(List.of(arguments).subList(1, arguments.length));
        if (arguments[0].equals("run")) {
            EdgeAgent.main(line.words().toArray(new String[0]));
            return;
        }
        System.exit(run(arguments[0], line, System.getenv()));
    }

    private static int run(String command, Line line, Map<String, String> environment) throws InterruptedException {
        Words words;
        try {
            words = Words.of(line.language(), environment);
        } catch (IllegalArgumentException e) {
            System.err.println("edge-agent: " + e.getMessage());
            return WRONG_USE;
        }
        try {
            return switch (command) {
                case "check-config" -> CheckConfig.run(line.settings(), words);
                case "status" -> new Status(AgentConfig.from(line.settings()), words).run();
                case "tail" -> new Tail(AgentConfig.from(line.settings()), words).run();
                case "probe" -> probe(line, words);
                case "bundle" -> VendorBundles.run(line.words(), words);
                case "version", "--version" -> version(words);
                case "help", "--help" -> help(words);
                default -> {
                    words.complain("there is no command '" + command + "'", "没有命令“" + command + "”");
                    help(words);
                    yield WRONG_USE;
                }
            };
        } catch (Settings.InvalidException e) {
            words.complain(String.valueOf(e.getMessage()), String.valueOf(e.getMessage()));
            return WRONG_USE;
        } catch (BundleException | IOException e) {
            words.complain(String.valueOf(e.getMessage()), String.valueOf(e.getMessage()));
            return FAILED;
        }
    }

    /** For the launcher: the last line says what is wrong with a version on trial. */
    private static int probe(Line line, Words words) throws BundleException, InterruptedException {
        Release release = Release.of(Path.of(line.take("--image")));
        long pid = Long.parseLong(line.take("--pid"));
        AgentConfig config = AgentConfig.from(line.settings());
        String wrong = new Probe(config.http().getPort(), release.version(), pid)
                .watch(config.update().healthyWithin(), config.update().healthyFor());
        if (wrong == null) {
            return DONE;
        }
        words.out.println(wrong);
        return FAILED;
    }

    private static int version(Words words) throws BundleException {
        Release release = Updater.Here.of("").release();
        words.say(
                "edge-agent " + release.version() + ", serial " + release.serial(),
                "edge-agent 版本 " + release.version() + "，序号 " + release.serial());
        return DONE;
    }

    private static int help(Words words) {
        words.say("""
                edge-agent [COMMAND] [--lang=en|zh] [--KEY=VALUE ...]   keys: docs/CONFIG.md, or in the environment

                  run            runs the agent; also without a command
                  check-config   says everything that is wrong with the settings (exit status 2), or what they are
                  status         how the agent is: 0 well, 1 not healthy, 3 not running (then from its spool)
                  tail           follows readings, rejected input and alerts
                  bundle         for who makes releases: keygen, make, show; 'bundle help' says more
                  version        version and serial of this image""", """
                edge-agent [命令] [--lang=en|zh] [--键=值 ...]   键见 docs/CONFIG.md，也可用环境变量

                  run            运行代理（不带命令时相同）
                  check-config   一次列出配置中的全部错误（退出码 2），或列出生效的配置
                  status         代理状态：0 正常，1 不健康，3 未运行（此时读取本地缓存）
                  tail           持续显示读数、被拒输入和报警
                  bundle         供发布者使用：keygen、make、show；“bundle help” 查看说明
                  version        本镜像的版本和序号""");
        return DONE;
    }
}
