package dev.tocsin.cloud;

import dev.tocsin.cloud.broker.BrokerSession;
import dev.tocsin.cloud.database.Database;
import dev.tocsin.cloud.live.LiveAlerts;
import dev.tocsin.cloud.login.Sessions;
import dev.tocsin.profiles.wire.MendedPublications;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.jvm.JvmGcMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmThreadMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.micrometer.core.instrument.binder.system.UptimeMetrics;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;

/** What Prometheus reads. */
final class Metrics {
    private final PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);

    Metrics() {
        new JvmMemoryMetrics().bindTo(registry);
        new JvmThreadMetrics().bindTo(registry);
        new ProcessorMetrics().bindTo(registry);
        new UptimeMetrics().bindTo(registry);
        // Lives as long as the process does.
        @SuppressWarnings("resource")
        JvmGcMetrics garbage = new JvmGcMetrics();
        garbage.bindTo(registry);
        FunctionCounter.builder("tocsin.broker.mended.messages", registry, r -> MendedPublications.count())
                .register(registry);
    }

    MeterRegistry registry() {
        return registry;
    }

    void watch(LiveAlerts live, Sessions sessions, Database database, BrokerSession alerts) {
        registry.gauge("tocsin.alerts.open", live, LiveAlerts::openCount);
        registry.gauge("tocsin.alerts.evicted", live, LiveAlerts::evicted);
        registry.gauge("tocsin.sessions", sessions, Sessions::count);
        registry.gauge("tocsin.database.available", database, one -> one.available() ? 1 : 0);
        registry.gauge("tocsin.broker.connected", alerts, one -> one.isConnected() ? 1 : 0);
    }

    String scrape() {
        return registry.scrape();
    }
}
