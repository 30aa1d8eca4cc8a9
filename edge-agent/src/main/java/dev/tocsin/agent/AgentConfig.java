package dev.tocsin.agent;

import dev.tocsin.agent.acquire.Allowance;
import dev.tocsin.agent.acquire.FieldBroker;
import dev.tocsin.agent.coap.CoapSettings;
import dev.tocsin.agent.desired.TrialConfig;
import dev.tocsin.agent.identity.IdentityConfig;
import dev.tocsin.agent.link.BrokerAddress;
import dev.tocsin.agent.observe.Secrets;
import dev.tocsin.agent.output.OutputConfig;
import dev.tocsin.agent.spool.SpoolLimits;
import dev.tocsin.agent.update.UpdateSettings;
import dev.tocsin.profiles.config.Settings;
import dev.tocsin.profiles.desired.GatewayState.Enrolment;
import dev.tocsin.profiles.wire.Topics;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * Everything that can be configured of an agent.
 *
 * @param gateway this gateway's id
 * @param data folder of the spool
 * @param identity how this gateway comes to its certificate
 * @param brokers the cloud's, the preferred one first
 * @param field the sensors' brokers; the cloud's where nothing else is said
 * @param shards of the platform, the same in every process
 * @param enrolment holds until the cloud has said something else for the first time
 * @param shown every key with its value, without secrets
 */
record AgentConfig(
        String gateway,
        Path data,
        IdentityConfig identity,
        List<BrokerAddress> brokers,
        List<FieldBroker> field,
        CoapSettings coap,
        InetSocketAddress http,
        int shards,
        Enrolment enrolment,
        SpoolLimits spool,
        UpdateSettings update,
        OutputConfig outputs,
        TrialConfig trial,
        Allowance.Limit rate,
        Map<String, String> shown) {

    static AgentConfig from(Settings settings) {
        String gateway = settings.text("gateway", "gateway-1");
        Path data = settings.path("data", "data/agent");
        IdentityConfig identity = IdentityConfig.from(settings, data);
        List<BrokerAddress> brokers =
                identity.identify(BrokerAddress.listFrom(settings, "broker", "tcp://127.0.0.1:1883"), settings);
        List<FieldBroker> field = FieldBroker.listFrom(settings, brokers.get(0));
        String bind = settings.text("bind", "127.0.0.1");
        CoapSettings coap = CoapSettings.from(settings, bind);
        Allowance.Limit rate = Allowance.Limit.from(settings);
        InetSocketAddress http = new InetSocketAddress(
                InetAddress.getLoopbackAddress(), settings.integer("http.port", "port", 9464, 0, 65_535));
        int shards = settings.integer("shards", "count", 4, 1, 1_024);
        Enrolment enrolment = settings.choice("enrolment", Enrolment.class, Enrolment.CLOSED);
        SpoolLimits spool = SpoolLimits.from(settings);
        UpdateSettings update = UpdateSettings.from(settings);
        OutputConfig outputs = OutputConfig.from(settings, data);
        TrialConfig trial = TrialConfig.from(settings);
        if (!Topics.ID.matcher(gateway).matches()) {
            settings.refuse("--gateway (TOCSIN_GATEWAY) = '" + gateway + "' does not match " + Topics.ID.pattern());
        }
        settings.finish();
        return new AgentConfig(
                gateway,
                data,
                identity,
                brokers,
                field,
                coap,
                http,
                shards,
                enrolment,
                spool,
                update,
                outputs,
                trial,
                rate,
                Secrets.shown(settings.values()));
    }

    /** The cloud's and the sensors'. */
    List<BrokerAddress> allBrokers() {
        return Stream.concat(brokers.stream(), field.stream().map(FieldBroker::address))
                .toList();
    }
}
