package dev.tocsin.agent;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/** One broker for the field and for the cloud, which hears what agents send; of each test its own. */
final class OneBroker implements AfterEachCallback {
    final TestBroker broker;
    final Cloud cloud;

    OneBroker() {
        try {
            broker = new TestBroker();
            cloud = new Cloud(broker.url());
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    AgentUnderTest agent(Path data, String... more) throws Exception {
        return new AgentUnderTest(data, broker.url(), broker.url(), more);
    }

    /** One that takes whoever speaks, known or not. */
    AgentUnderTest openAgent(Path data, String... more) throws Exception {
        return agent(
                data,
                Stream.concat(Stream.of("--enrolment=open"), Stream.of(more)).toArray(String[]::new));
    }

    @Override
    public void afterEach(ExtensionContext context) throws Exception {
        try {
            assertThat(cloud.faults).isEmpty();
        } finally {
            cloud.close();
            broker.close();
        }
    }
}
