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

    /** The same with the flags of the virtual machine that the module itself ships in its {@code jvm.options}. */
    public List<String> javaWithOwnOptions(String module, String main, List<String> arguments) {
        return java(module, "lib", main, List.of("@" + home.resolve(module).resolve("jvm.options")), arguments);
    }

    private List<String> java(
            String module, String library, String main, List<String> jvmFlags, List<String> arguments) {
        Path target = home.resolve(module).resolve("target");
        List<String> command = new ArrayList<>();
        if (Files.isExecutable(SETSID)) {
            // Out of the terminal's reach: Ctrl-C is for the launcher, which stops its children in order.
            command.add(SETSID.toString());
        }
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(jvmFlags);
        command.add("-cp");
        command.add(target.resolve(module + ".jar") + ":" + target.resolve(library) + "/*");
        command.add(main);
        command.addAll(arguments);
        return command;
    }
}
