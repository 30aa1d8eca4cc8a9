package dev.tocsin.agent.coap;

import dev.tocsin.agent.observe.AgentMetrics;
import dev.tocsin.profiles.coap.CoapParser;
import io.micrometer.core.instrument.Counter;
import java.net.InetAddress;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.eclipse.californium.core.coap.MessageFormatException;
import org.eclipse.californium.core.network.CoapEndpoint;
import org.eclipse.californium.core.network.interceptors.MalformedMessageInterceptor;
import org.eclipse.californium.core.network.interceptors.MessageInterceptorAdapter;
import org.eclipse.californium.elements.RawData;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes every endpoint of the agent, those it asks from too, so that datagrams are read by {@link CoapParser} and those it
 * refuses are counted. The first of each address is told in the log, of {@link #MAX_TOLD} addresses until the next start:
 * who sends can make up any number. A confirmable request is answered 4.02 (4.00 where its payload is larger than its
 * block), another confirmable message is reset, and the rest is passed over. Safe for any thread.
 */
public final class CoapEndpoints {
    private static final Logger LOG = LoggerFactory.getLogger(CoapEndpoints.class);
    private static final int MAX_TOLD = 100;

    private final CoapParser parser = new CoapParser();
    private final Set<InetAddress> told = ConcurrentHashMap.newKeySet();
    private final Counter malformed;

    public CoapEndpoints(AgentMetrics metrics) {
        malformed = metrics.counter("coap.malformed.datagrams", "That cannot be read as a message");
    }

    /** @param builder with everything but a parser */
    public CoapEndpoint build(CoapEndpoint.Builder builder) {
        CoapEndpoint endpoint = builder.setDataSerializerAndParser(null, parser).build();
        endpoint.addPostProcessInterceptor(new Refused());
        return endpoint;
    }

    private final class Refused extends MessageInterceptorAdapter implements MalformedMessageInterceptor {
        @Override
        public void receivedMalformedMessage(RawData datagram) {
            malformed.increment();
            InetAddress sender = datagram.getEndpointContext().getPeerAddress().getAddress();
            if (told.size() < MAX_TOLD && told.add(sender)) {
                LOG.warn(
                        "CoAP: a datagram of {} bytes from {} is refused: {}; more of that address are only counted",
                        datagram.getSize(),
                        sender.getHostAddress(),
                        reasonOf(datagram));
            }
        }
    }

    /** The library keeps it for itself. */
    private String reasonOf(RawData datagram) {
        try {
            parser.parseMessage(datagram.getBytes());
            return "nothing that is sent here";
        } catch (MessageFormatException e) {
            return String.valueOf(e.getMessage());
        }
    }
}
