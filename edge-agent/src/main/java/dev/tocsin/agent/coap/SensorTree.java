package dev.tocsin.agent.coap;

import dev.tocsin.profiles.profile.Profile;
import dev.tocsin.profiles.profile.SourcePattern;
import java.util.Collection;
import java.util.Set;
import java.util.function.Consumer;
import org.eclipse.californium.core.CoapResource;
import org.eclipse.californium.core.coap.CoAP.ResponseCode;
import org.eclipse.californium.core.server.resources.CoapExchange;
import org.eclipse.californium.core.server.resources.Resource;
import org.jspecify.annotations.Nullable;

/**
 * The paths that profiles name, as resources of a CoAP server; {@code /.well-known/core} lists them with {@code
 * rt="tocsin.PROFILE"} for each profile that reads what is posted there. A path is never taken away again: what nobody
 * claims any more, the decoder refuses. Changed by one thread at a time.
 */
final class SensorTree {
    /** JSON, SenML JSON, SenML CBOR (RFC 7252, RFC 8428). */
    static final Set<Integer> FORMATS = Set.of(50, 110, 112);
    /** Before the profile's id in a resource type. */
    private static final String TYPE = "tocsin.";
    /** Where every profile's metrics can be sent as SenML. */
    private static final SourcePattern OWN = SourcePattern.of("sensors/{device}");

    private final Resource root;
    private final Consumer<CoapExchange> onPost;

    SensorTree(Resource root, Consumer<CoapExchange> onPost) {
        this.root = root;
        this.onPost = onPost;
    }

    void offer(Collection<Profile> profiles) {
        for (Profile profile : profiles) {
            offer(OWN, profile);
            profile.coapPaths().forEach(pattern -> offer(pattern, profile));
        }
    }

    private void offer(SourcePattern pattern, Profile profile) {
        Resource level = root;
        for (String name : pattern.filter().split("/", -1)) {
            Resource child = level instanceof Level known ? known.exactly(name) : level.getChild(name);
            if (child == null) {
                child = new Level(name);
                level.add(child);
            }
            level = child;
        }
        if (level instanceof Level last) {
            last.serve(pattern.toString(), TYPE + profile.id());
        }
    }

    /** One level of a path; {@code +} stands for any. */
    private final class Level extends CoapResource {
        private volatile boolean served;

        Level(String name) {
            super(name);
            setVisible(false);
        }

        void serve(String pattern, String type) {
            if (!served) {
                served = true;
                setVisible(true);
                getAttributes().setTitle(pattern);
                FORMATS.forEach(getAttributes()::addContentType);
            }
            if (!getAttributes().getResourceTypes().contains(type)) {
                getAttributes().addResourceType(type);
            }
        }

        @Nullable
        Resource exactly(String name) {
            return super.getChild(name);
        }

        @Override
        public @Nullable Resource getChild(String name) {
            Resource exact = super.getChild(name);
            return exact == null ? super.getChild("+") : exact;
        }

        @Override
        public void handlePOST(CoapExchange exchange) {
            if (served) {
                onPost.accept(exchange);
            } else {
                exchange.respond(ResponseCode.NOT_FOUND);
            }
        }
    }
}
