package dev.tocsin.agent.coap;

import java.util.concurrent.TimeUnit;
import org.eclipse.californium.core.config.CoapConfig;
import org.eclipse.californium.core.network.ExtendedCoapStackFactory;
import org.eclipse.californium.core.network.Outbox;
import org.eclipse.californium.core.network.stack.BaseCoapStack;
import org.eclipse.californium.core.network.stack.BlockwiseLayer;
import org.eclipse.californium.core.network.stack.CoapStack;
import org.eclipse.californium.core.network.stack.CongestionControlLayer;
import org.eclipse.californium.core.network.stack.ExchangeCleanupLayer;
import org.eclipse.californium.core.network.stack.Layer;
import org.eclipse.californium.core.network.stack.ObserveLayer;
import org.eclipse.californium.elements.EndpointContextMatcher;
import org.eclipse.californium.elements.config.Configuration;
import org.jspecify.annotations.Nullable;

/**
 * The layers of CoAP over UDP, with a bound of its own for block-wise transfers: each that is under way holds a buffer of
 * the largest body, and as many could be under way as there are peers. A sender that finds all places taken is answered
 * 4.08 at its second block and begins again (RFC 7959 section 2.9.2).
 */
final class BoundedStack implements ExtendedCoapStackFactory {
    private final int transfers;
    private final long seconds;

    /**
     * @param transfers block-wise ones at a time, each way
     * @param seconds after which one that is not gone on with gives up its place
     */
    BoundedStack(int transfers, long seconds) {
        this.transfers = transfers;
        this.seconds = seconds;
    }

    @Override
    @SuppressWarnings("deprecation") // the interface still has it, and the library does not call it
    public CoapStack createCoapStack(
            String protocol, String tag, Configuration config, Outbox outbox, @Nullable Object custom) {
        throw new UnsupportedOperationException("block-wise transfers need to know whose they are");
    }

    @Override
    public CoapStack createCoapStack(
            String protocol,
            String tag,
            Configuration config,
            EndpointContextMatcher matcher,
            Outbox outbox,
            @Nullable Object custom) {
        Configuration ofBlocks = new Configuration(config)
                .set(CoapConfig.MAX_ACTIVE_PEERS, transfers)
                .set(CoapConfig.BLOCKWISE_STATUS_LIFETIME, seconds, TimeUnit.SECONDS);
        return new Layers(
                outbox,
                new ExchangeCleanupLayer(config),
                new ObserveLayer(config),
                new BlockwiseLayer(tag, false, ofBlocks, matcher),
                CongestionControlLayer.newImplementation(tag, config));
    }

    private static final class Layers extends BaseCoapStack {
        Layers(Outbox outbox, Layer... layers) {
            super(outbox);
            setLayers(layers);
        }
    }
}
