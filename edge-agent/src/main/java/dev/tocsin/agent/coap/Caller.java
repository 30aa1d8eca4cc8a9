package dev.tocsin.agent.coap;

import dev.tocsin.profiles.wire.Topics;
import java.net.InetAddress;
import java.security.Principal;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import org.eclipse.californium.elements.EndpointContext;
import org.eclipse.californium.elements.auth.PreSharedKeyIdentity;
import org.eclipse.californium.elements.auth.X509CertPath;
import org.eclipse.californium.elements.util.CertPathUtil;
import org.jspecify.annotations.Nullable;

/**
 * Who is at the other end.
 *
 * @param name of the authenticated, or the address of whoever is not; its port is not part of it, for it costs nothing
 *     to take another one
 * @param device for which it may speak; null for nobody's, or nobody's any more
 */
record Caller(String name, boolean authenticated, @Nullable String device) {

    static Caller of(EndpointContext context, Credentials credentials) {
        Principal principal = context.getPeerIdentity();
        if (principal == null) {
            InetAddress address = context.getPeerAddress().getAddress();
            return new Caller(address == null ? "unknown" : address.getHostAddress(), false, null);
        }
        if (principal instanceof X509CertPath path) {
            String name = commonName(path);
            return new Caller(name, true, deviceOfCertificate(name, credentials));
        }
        String name = principal instanceof PreSharedKeyIdentity psk ? psk.getIdentity() : principal.getName();
        Credentials.Credential known = credentials.find(name);
        return new Caller(name, true, known == null ? null : known.device());
    }

    /**
     * Of the line that says {@code certificate}; otherwise the device of that name, unless it has credentials of another
     * kind: whoever issues certificates does not give out the names of pre-shared keys.
     */
    private static @Nullable String deviceOfCertificate(String name, Credentials credentials) {
        Credentials.Credential known = credentials.find(name);
        if (known != null) {
            return known.key() == null ? known.device() : null;
        }
        return Topics.ID.matcher(name).matches() && !credentials.has(name) ? name : null;
    }

    private static String commonName(X509CertPath path) {
        Certificate certificate = path.getPath().getCertificates().get(0);
        String name = certificate instanceof X509Certificate x509 ? CertPathUtil.getSubjectsCn(x509) : null;
        return name == null ? "" : name;
    }
}
