package dev.tocsin.standalone.platform;

import dev.tocsin.standalone.broker.access.Credentials;
import dev.tocsin.standalone.database.DatabaseRole;
import dev.tocsin.standalone.database.EmbeddedPostgres;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The command line of every process; secrets are handed over as files, never on a command line. */
final class Processes {
    /** Small heaps collect in the one thread they need. */
    private static final List<String> SMALL = List.of("-XX:+UseSerialGC", "-Xss512k");

    /**
     * Measured on two busy cores: the first compiler alone gave the broker three times the messages, and had a job back
     * after a kill in a third of the time, which is how long alarms wait for it.
     */
    static final List<String> QUICK = List.of("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1");

    private static final String ALARM_JOB = "dev.tocsin.stream.AlarmJob";
    private static final String ARCHIVE_JOB = "dev.tocsin.stream.ArchiveJob";

    /** It describes a job and runs none. */
    private static final int KEEPER_HEAP_MB = 192;

    private final Plan plan;
    private final Credentials credentials;
    private final String brokerUrl;
    private final @Nullable EmbeddedPostgres postgres;

    Processes(Plan plan, Credentials credentials, String brokerUrl, @Nullable EmbeddedPostgres postgres) {
        this.plan = plan;
        this.credentials = credentials;
        this.brokerUrl = brokerUrl;
        this.postgres = postgres;
    }

    List<String> broker() {
        return broker(List.of(
                "--tls.listen=" + GatewayDoor.listen(plan.publicName()),
                "--tls.port=" + plan.ports().door().mqtt()));
    }

    /** For a look at what it keeps, while the platform is stopped. */
    List<String> brokerForNobody() {
        return broker(List.of());
    }

    private List<String> broker(List<String> more) {
        List<String> arguments = new ArrayList<>(List.of(
                "--port=" + plan.ports().mqtt(), "--data=" + plan.data(), "--users=" + credentials.usersFile()));
        arguments.addAll(more);
        return plan.layout()
                .java("standalone", "lib", "dev.tocsin.standalone.broker.BrokerMain", 512, QUICK, arguments);
    }

    /** Makes the authority and the server's certificate, which the broker shows, before it is started. */
    List<String> identities() {
        return plan.layout()
                .java(
                        "cloud-api",
                        "lib",
                        "dev.tocsin.cloud.PrepareIdentities",
                        64,
                        SMALL,
                        List.of("--data=" + plan.data(), "--gateways.names=" + GatewayDoor.names(plan.publicName())));
    }

    List<String> provision() {
        List<String> arguments = new ArrayList<>(platformUser());
        arguments.addAll(database(DatabaseRole.STREAM));
        return stream("dev.tocsin.stream.Provision", 128, SMALL, arguments);
    }

    List<String> alarmJob(JobPorts.Apart ports) {
        List<String> arguments = new ArrayList<>(platformUser());
        arguments.add("--data=" + plan.data());
        arguments.add("--rest.port=" + ports.alarmRest());
        arguments.add("--blob.port=" + ports.alarmBlob());
        arguments.add("--metrics.port=" + ports.alarmMetrics());
        return stream(ALARM_JOB, 1024, QUICK, arguments);
    }

    List<String> archiveJob(JobPorts.Apart ports) {
        List<String> arguments = new ArrayList<>(platformUser());
        arguments.addAll(database(DatabaseRole.STREAM));
        arguments.add("--data=" + plan.data());
        arguments.add("--rest.port=" + ports.archiveRest());
        arguments.add("--blob.port=" + ports.archiveBlob());
        arguments.add("--metrics.port=" + ports.archiveMetrics());
        return stream(ARCHIVE_JOB, 1024, QUICK, arguments);
    }

    /** What keeps the job on the cluster. */
    List<String> alarmJob(FlinkCluster cluster) {
        List<String> arguments = new ArrayList<>(platformUser());
        arguments.addAll(onCluster(cluster));
        return stream(ALARM_JOB, KEEPER_HEAP_MB, QUICK, arguments);
    }

    /** What keeps the job on the cluster. */
    List<String> archiveJob(FlinkCluster cluster) {
        List<String> arguments = new ArrayList<>(platformUser());
        arguments.addAll(database(DatabaseRole.STREAM));
        arguments.addAll(onCluster(cluster));
        return stream(ARCHIVE_JOB, KEEPER_HEAP_MB, QUICK, arguments);
    }

    private static List<String> onCluster(FlinkCluster cluster) {
        return List.of("--cluster.conf=" + cluster.folder(), "--parallelism=" + FlinkCluster.PARALLELISM);
    }

    List<String> cloudApi() {
        List<String> arguments = new ArrayList<>(platformUser());
        arguments.addAll(database(DatabaseRole.API));
        arguments.add("--data=" + plan.data());
        arguments.add("--http.port=" + plan.ports().http());
        arguments.add("--gateways.host=" + GatewayDoor.listen(plan.publicName()));
        arguments.add("--gateways.port=" + plan.ports().door().enrolment());
        arguments.add("--gateways.names=" + GatewayDoor.names(plan.publicName()));
        arguments.add("--gateways.broker-url=" + plan.ports().door().brokerUrl(plan.publicName()));
        arguments.add("--gateway=" + plan.gateway());
        arguments.add("--enrolment=" + (plan.openEnrolment() ? "open" : "closed"));
        if (plan.registry() != null) {
            arguments.add("--registry.file=" + plan.registry());
        }
        if (plan.demoPassword() != null) {
            arguments.add("--demo.users=true");
            arguments.add("--demo.password-file=" + credentials.passwordFile(Platform.FIELD_USER));
        }
        return plan.layout().java("cloud-api", "lib", "dev.tocsin.cloud.CloudApi", 384, SMALL, arguments);
    }

    List<String> edgeAgent() {
        Path password = credentials.passwordFile(plan.gateway());
        return plan.layout()
                .edgeAgent(List.of(
                        "--gateway=" + plan.gateway(),
                        "--data=" + plan.data().resolve("agent"),
                        "--shards=" + plan.shards(),
                        "--broker.url=" + brokerUrl,
                        "--broker.user=" + plan.gateway(),
                        "--broker.password-file=" + password,
                        "--field.broker.url=" + brokerUrl,
                        "--field.broker.user=" + plan.gateway(),
                        "--field.broker.password-file=" + password,
                        "--coap.port=" + plan.ports().coap(),
                        "--http.port=" + plan.ports().agentHttp()));
    }

    private List<String> stream(String main, int heapMb, List<String> flags, List<String> arguments) {
        return plan.layout().java("stream-processor", "flink-lib", main, heapMb, flags, arguments);
    }

    private List<String> platformUser() {
        List<String> arguments = new ArrayList<>(plan.shared(brokerUrl));
        Plan.External broker = plan.broker();
        arguments.add("--broker.user=" + (broker == null ? Platform.PLATFORM_USER : broker.user()));
        arguments.add("--broker.password-file="
                + (broker == null ? credentials.passwordFile(Platform.PLATFORM_USER) : broker.passwordFile()));
        return arguments;
    }

    private List<String> database(DatabaseRole role) {
        Plan.External database = plan.database();
        if (database != null) {
            return List.of(
                    "--database.url=" + database.url(),
                    "--database.user=" + database.user(),
                    "--database.password-file=" + database.passwordFile());
        }
        if (postgres == null) {
            throw new IllegalStateException("neither an embedded nor another database");
        }
        return List.of(
                "--database.url=" + postgres.jdbcUrl(),
                "--database.user=" + role.user(),
                "--database.password-file=" + postgres.passwordFile(role));
    }
}
