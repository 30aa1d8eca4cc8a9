package dev.tocsin.agent;

import dev.tocsin.agent.acquire.FieldBroker;
import dev.tocsin.agent.link.BrokerAddress;
import dev.tocsin.agent.spool.SpoolLimits;
import dev.tocsin.profiles.config.Settings;
import dev.tocsin.profiles.desired.GatewayState.Enrolment;
import dev.tocsin.profiles.wire.Topics;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/**
 * Everything that can be configured of an agent.
 *
 * @param gateway this gateway's id
 * @param data folder of the spool
 * @param brokers the cloud's, the preferred one first
 * @param field the sensors' brokers; the cloud's where nothing else is said
 * @param shards of the platform, the same in every process
 * @param enrolment holds until the cloud has said something else for the first time
 */
record AgentConfig(
        String gateway,
        Path data,
        List<BrokerAddress> brokers,
        List<FieldBroker> field,
        InetSocketAddress coap,
        InetSocketAddress http,
        int shards,
        Enrolment enrolment,
        SpoolLimits spool) {

    /** How long a state of the cloud may wait for room in the spool. */
    static final Duration PATIENCE = Duration.ofSeconds(5);

    static AgentConfig from(Settings settings) {
        String gateway = settings.text("gateway", "gateway-1");
        Path data = settings.path("data", "data/agent");
        List<BrokerAddress> brokers = BrokerAddress.listFrom(settings, "broker", "tcp://127.0.0.1:1883");
        List<FieldBroker> field = FieldBroker.listFrom(settings, brokers.get(0));
        String bind = settings.text("bind", "127.0.0.1");
        InetSocketAddress coap = address(bind, settings.integer("coap.port", "port", 5683, 0, 65_535));
        InetSocketAddress http = address("127.0.0.1", settings.integer("http.port", "port", 9464, 0, 65_535));
        int shards = settings.integer("shards", "count", 4, 1, 1_024);
        Enrolment enrolment = settings.choice("enrolment", Enrolment.class, Enrolment.CLOSED);
        SpoolLimits spool = SpoolLimits.from(settings);
        settings.finish();
        if (!Topics.ID.matcher(gateway).matches()) {
            throw new IllegalArgumentException(
                    "--gateway (TOCSIN_GATEWAY) = '" + gateway + "' does not match " + Topics.ID.pattern());
        }
        return new AgentConfig(gateway, data, brokers, field, coap, http, shards, enrolment, spool);
    }

    // One address is bound; which one of a name with several does not matter.
    @SuppressWarnings("AddressSelection")
    private static InetSocketAddress address(String host, int port) {
        InetSocketAddress address = new InetSocketAddress(host, port);
        if (address.isUnresolved()) {
            throw new IllegalArgumentException("--bind (TOCSIN_BIND) = '" + host + "' is no address of this machine");
        }
        return address;
    }
}
