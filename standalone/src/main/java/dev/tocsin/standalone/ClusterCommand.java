package dev.tocsin.standalone;

import dev.tocsin.standalone.platform.StartException;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

@Command(
        name = "cluster",
        mixinStandardHelpOptions = true,
        description = "The same as up, with both jobs on a Flink cluster of separate processes: one JobManager and two "
                + "TaskManagers, any of which may die.")
final class ClusterCommand implements Callable<Integer> {
    @Mixin
    private PortOptions ports = new PortOptions();

    @Mixin
    private ClusterPortOptions flinkPorts = new ClusterPortOptions();

    @Mixin
    private SiteOptions site = new SiteOptions();

    @Override
    public Integer call() throws StartException, InterruptedException {
        UpCommand.run(site.plan(ports.ports(flinkPorts.ports())));
        return 0;
    }
}
