package dev.tocsin.standalone.broker.access;

import java.math.BigInteger;
import java.security.Principal;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.List;
import javax.naming.InvalidNameException;
import javax.naming.ldap.LdapName;
import javax.naming.ldap.Rdn;
import javax.security.auth.Subject;
import org.apache.activemq.artemis.spi.core.security.jaas.UserPrincipal;
import org.jspecify.annotations.Nullable;

/**
 * A gateway that showed a certificate; its subject carries it, so that what it may do is known without the users file.
 *
 * @param gateway the certificate's common name
 * @param end from which on it is of no use
 */
record GatewayLogin(String gateway, BigInteger serial, Instant end, Subject subject) {

    /** Marks a subject as a gateway's that has a certificate. */
    record Certified(String gateway, Grants grants) implements Principal {
        @Override
        public String getName() {
            return gateway;
        }
    }

    /** Null when the certificate names nobody. */
    static @Nullable GatewayLogin of(X509Certificate certificate) {
        String gateway = commonName(certificate);
        if (gateway == null) {
            return null;
        }
        Grants grants = Role.GATEWAY.grantsOf(gateway, List.of());
        Subject subject = new Subject();
        subject.getPrincipals().add(new UserPrincipal(gateway));
        subject.getPrincipals().add(new Certified(gateway, grants));
        return new GatewayLogin(
                gateway,
                certificate.getSerialNumber(),
                certificate.getNotAfter().toInstant(),
                subject);
    }

    private static @Nullable String commonName(X509Certificate certificate) {
        try {
            LdapName name = new LdapName(certificate.getSubjectX500Principal().getName());
            if (name.size() != 1) {
                return null;
            }
            Rdn only = name.getRdn(0);
            return only.size() == 1 && only.getType().equalsIgnoreCase("CN") ? String.valueOf(only.getValue()) : null;
        } catch (InvalidNameException e) {
            return null;
        }
    }
}
