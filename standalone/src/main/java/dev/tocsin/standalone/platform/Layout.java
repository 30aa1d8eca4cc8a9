package dev.tocsin.standalone.platform;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Where the built modules are, and how a process of each is started.
 *
 * @param home the folder of the project, with the modules in it
 */
public record Layout(Path home) {
    private static final Path SETSID = Path.of("/usr/bin/setsid");

    /** From {@code TOCSIN_HOME}, which the launcher script sets, or the folder above this module. */
    public static Layout fromEnvironment() {
        String home = System.getenv("TOCSIN_HOME");
        if (home != null) {
            return new Layout(Path.of(home).toAbsolutePath());
        }
        Path here = Path.of("").toAbsolutePath();
        return new Layout(here.resolve(Files.isDirectory(here.resolve("edge-agent")) ? "" : "..")
                .normalize());
    }

    /** @throws StartException naming the first module that was not built */
    void requireBuilt() throws StartException {
        for (String module : List.of("edge-agent", "stream-processor", "cloud-api", "standalone")) {
            Path jar = home.resolve(module).resolve("target").resolve(module + ".jar");
            if (!Files.exists(jar)) {
                throw new StartException(jar + " is missing: build first with ./mvnw -Dquick package");
            }
        }
    }

    /**
     * The command of one process.
     *
     * @param library folder of its jars below the module's {@code target}
     * @param heapMb the most it may use
     * @param jvmFlags further flags of the virtual machine
     */
    public List<String> java(
            String module, String library, String main, int heapMb, List<String> jvmFlags, List<String> arguments) {
        List<String> flags = new ArrayList<>();
        flags.add("-Xmx" + heapMb + "m");
        // A process that is out of memory is of no use to anybody: it ends, and is started again.
        flags.add("-XX:+ExitOnOutOfMemoryError");
        flags.addAll(jvmFlags);
        return java(module, library, main, flags, arguments);
    }

    /**
     * The agent, with the flags of the virtual machine that its module ships in {@code jvm.options}; of an image that
     * {@code deploy/edge/build-image} made where {@code TOCSIN_AGENT_IMAGE} names one.
     */
    public List<String> edgeAgent(List<String> arguments) {
        String image = System.getenv("TOCSIN_AGENT_IMAGE");
        if (image == null) {
            String options = "@" + home.resolve("edge-agent").resolve("jvm.options");
            return java("edge-agent", "lib", "dev.tocsin.agent.EdgeAgent", List.of(options), arguments);
        }
        List<String> command = outOfReach();
        command.add(Path.of(image, "bin", "edge-agent").toAbsolutePath().toString());
        command.add("run");
        command.addAll(arguments);
        return command;
    }

    private List<String> java(
            String module, String library, String main, List<String> jvmFlags, List<String> arguments) {
        Path target = home.resolve(module).resolve("target");
        List<String> command = outOfReach();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(jvmFlags);
        command.add("-cp");
        command.add(target.resolve(module + ".jar") + ":" + target.resolve(library) + "/*");
        command.add(main);
        command.addAll(arguments);
        return command;
    }

    /** Of the terminal: Ctrl-C is for the launcher, which stops its children in order. */
    private static List<String> outOfReach() {
        List<String> command = new ArrayList<>();
        if (Files.isExecutable(SETSID)) {
            command.add(SETSID.toString());
        }
        return command;
    }
}
