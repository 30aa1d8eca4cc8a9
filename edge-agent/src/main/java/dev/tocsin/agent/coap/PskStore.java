package dev.tocsin.agent.coap;

import java.net.InetSocketAddress;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BiConsumer;
import javax.crypto.SecretKey;
import org.eclipse.californium.scandium.dtls.ConnectionId;
import org.eclipse.californium.scandium.dtls.HandshakeResultHandler;
import org.eclipse.californium.scandium.dtls.PskPublicInformation;
import org.eclipse.californium.scandium.dtls.PskSecretResult;
import org.eclipse.californium.scandium.dtls.pskstore.AdvancedPskStore;
import org.eclipse.californium.scandium.util.SecretUtil;
import org.eclipse.californium.scandium.util.ServerNames;
import org.jspecify.annotations.Nullable;

/** The keys of handshakes, on either side, as the credentials have them at that moment. Safe for any thread. */
final class PskStore implements AdvancedPskStore {
    private final Credentials credentials;
    private final BiConsumer<ConnectionId, String> unknown;
    /** Whom the agent finds where it asks. Bounded by the list of servers. */
    private final Map<InetSocketAddress, String> deviceAt = new ConcurrentHashMap<>();

    /** @param unknown told each identity that nobody has, and of which handshake */
    PskStore(Credentials credentials, BiConsumer<ConnectionId, String> unknown) {
        this.credentials = credentials;
        this.unknown = unknown;
    }

    /** The device that the agent will ask at an address. */
    void expect(InetSocketAddress address, String device) {
        deviceAt.put(address, device);
    }

    @Override
    public boolean hasEcdhePskSupported() {
        return true;
    }

    @Override
    public PskSecretResult requestPskSecretResult(
            ConnectionId cid,
            @Nullable ServerNames serverNames,
            PskPublicInformation identity,
            String hmacAlgorithm,
            @Nullable SecretKey otherSecret,
            byte[] seed,
            boolean useExtendedMasterSecret) {
        Credentials.Credential credential = credentials.find(identity.getPublicInfoAsString());
        byte[] key = credential == null ? null : credential.key();
        if (key == null) {
            unknown.accept(cid, identity.getPublicInfoAsString());
            return new PskSecretResult(cid, identity, null);
        }
        return new PskSecretResult(cid, identity, SecretUtil.create(key, PskSecretResult.ALGORITHM_PSK));
    }

    @Override
    public @Nullable PskPublicInformation getIdentity(InetSocketAddress peer, @Nullable ServerNames virtualHost) {
        String device = deviceAt.get(peer);
        Credentials.Credential credential = device == null ? null : credentials.withKeyOf(device);
        return credential == null ? null : new PskPublicInformation(credential.identity());
    }

    @Override
    public void setResultHandler(HandshakeResultHandler resultHandler) {
        // Every answer is given at once.
    }
}
