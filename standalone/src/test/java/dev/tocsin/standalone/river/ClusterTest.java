package dev.tocsin.standalone.river;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.tocsin.standalone.broker.access.Role;
import dev.tocsin.standalone.field.FieldPublisher;
import dev.tocsin.standalone.platform.Child;
import dev.tocsin.standalone.platform.JobPorts;
import java.nio.file.Path;
import java.sql.Connection;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** Both jobs on a Flink cluster of separate processes; {@link ClusterProof} is the long form. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ClusterTest {
    private static final Duration SOON = Duration.ofSeconds(90);
    private static final String GATEWAY = "gw-cluster";

    private Site site;
    private FieldPublisher publisher;
    private UplinkGateway gateway;
    private AlertTopic topic;

    @BeforeAll
    void startTheRiver(@TempDir Path data) throws Exception {
        site = Site.startOnCluster(data);
        String password = site.brokerUser(GATEWAY, Role.GATEWAY);
        // The broker looks at its users file once a second.
        publisher = await().ignoreExceptions()
                .atMost(SOON)
                .until(
                        () -> new FieldPublisher(site.platform.brokerUrl(), GATEWAY, GATEWAY, password, 200),
                        Objects::nonNull);
        gateway = new UplinkGateway(GATEWAY, publisher, 1, System.currentTimeMillis());
        topic = site.alerts("cluster-alerts");
    }

    @AfterAll
    void stopTheRiver() throws Exception {
        topic.close();
        publisher.close();
        site.close();
    }

    @Test
    void alarmsGoOnAfterTheJobManagerWasKilledAndNothingIsLostOrRaisedTwice() throws Exception {
        FlinkRest flink = new FlinkRest(site);
        raise("before");
        Set<String> jobs = flink.runningJobs();

        Child jobManager = site.platform.child("job-manager");
        long killed = jobManager.pid();
        new ProcessBuilder("kill", "-9", Long.toString(killed)).start().waitFor();
        raise("meanwhile");
        await().ignoreExceptions()
                .atMost(SOON)
                .until(() -> Collections.disjoint(flink.runningJobs(), jobs)
                        && flink.runningJobs().size() == 2);
        assertThat(jobManager.pid()).isNotEqualTo(killed);
        raise("after");

        try (Connection database = site.database()) {
            await().atMost(SOON)
                    .until(() -> Stored.ofDevicesLike(database, "cluster-%").rows() >= gateway.sent());
            assertThat(Stored.ofDevicesLike(database, "cluster-%").rows()).isEqualTo(gateway.sent());
        }
        for (String device : List.of("cluster-before", "cluster-meanwhile", "cluster-after")) {
            AlertRevisions.assertRaisedOnce(topic, device);
        }
    }

    @Test
    void theClusterListensOnItsDocumentedPortsAndOnlyOnThisMachine() throws Exception {
        JobPorts.Cluster ports = (JobPorts.Cluster) site.ports.jobs();
        Set<Integer> documented = IntStream.concat(
                        IntStream.of(ports.rest()),
                        IntStream.concat(
                                IntStream.range(ports.internal(), ports.internal() + 9),
                                IntStream.range(ports.metrics(), ports.metrics() + 3)))
                .boxed()
                .collect(Collectors.toSet());
        List<Listening.Socket> sockets = new ArrayList<>();
        for (String name : List.of("job-manager", "task-manager-1", "task-manager-2", "alarm-job", "archive-job")) {
            sockets.addAll(Listening.of(
                    ProcessHandle.of(site.platform.child(name).pid()).orElseThrow()));
        }
        assertThat(sockets).allMatch(Listening.Socket::loopback);
        assertThat(sockets.stream().filter(socket -> socket.protocol().startsWith("tcp")))
                .extracting(Listening.Socket::port)
                .isSubsetOf(documented)
                .contains(ports.rest(), ports.internal());
    }

    private void raise(String what) throws Exception {
        String device = "cluster-" + what;
        assertThat(gateway.send(device, 90, System.currentTimeMillis()).get(60, TimeUnit.SECONDS))
                .isZero();
        await().atMost(SOON).until(() -> !topic.of(device).isEmpty());
    }
}
