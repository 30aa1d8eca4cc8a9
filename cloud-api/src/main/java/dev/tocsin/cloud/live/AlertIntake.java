package dev.tocsin.cloud.live;

import dev.tocsin.cloud.broker.BrokerSession;
import dev.tocsin.profiles.alert.Alert;
import dev.tocsin.profiles.alert.AlertJson;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Clock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The durable alert subscription: a message is shown at once and acknowledged once the {@link AlertJournal} has it on disk.
 */
public final class AlertIntake implements BrokerSession.Listener {
    private static final Logger LOG = LoggerFactory.getLogger(AlertIntake.class);

    private final LiveAlerts alerts;
    private final AlertJournal journal;
    private final Clock clock;
    private final Counter applied;
    private final Counter repeated;
    private final Counter refused;

    public AlertIntake(LiveAlerts alerts, AlertJournal journal, Clock clock, MeterRegistry metrics) {
        this.alerts = alerts;
        this.journal = journal;
        this.clock = clock;
        this.applied = metrics.counter("tocsin.alerts.received", "result", "applied");
        this.repeated = metrics.counter("tocsin.alerts.received", "result", "repeated");
        this.refused = metrics.counter("tocsin.alerts.received", "result", "refused");
    }

    @Override
    public void arrived(String topic, byte[] payload, Runnable acknowledge) {
        try {
            Alert alert = AlertJson.read(payload);
            (alerts.apply(alert, clock.instant()) ? applied : repeated).increment();
        } catch (IllegalArgumentException e) {
            // Poison is data: the archive, which reads the same topic, keeps the bytes; here it is counted and passed.
            refused.increment();
            LOG.error("refused on {}: {}", topic, e.getMessage());
        }
        journal.whenSafe(acknowledge);
    }
}
