package dev.tocsin.standalone.broker.access;

import dev.tocsin.profiles.wire.PasswordHash;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.util.Base64;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import javax.security.auth.Subject;
import org.apache.activemq.artemis.core.protocol.mqtt.exceptions.InvalidClientIdException;
import org.apache.activemq.artemis.core.security.CheckType;
import org.apache.activemq.artemis.core.security.Role;
import org.apache.activemq.artemis.spi.core.protocol.RemotingConnection;
import org.apache.activemq.artemis.spi.core.security.ActiveMQSecurityManager5;
import org.apache.activemq.artemis.spi.core.security.jaas.UserPrincipal;
import org.apache.activemq.artemis.utils.CertificateUtil;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Answers the broker: is this the user, and may the user do this. Each user's client ids are a namespace of their own:
 * with another's client id a sensor would take over, or end, the session that holds that client's messages. Safe for
 * many threads.
 */
public final class BrokerSecurity implements ActiveMQSecurityManager5 {
    private static final Logger LOG = LoggerFactory.getLogger(BrokerSecurity.class);
    private static final String OWNER_MARK = "/";
    private static final String QUEUE_MARK = "::";
    private static final int MAX_REMEMBERED = 10_000;

    private final UserFile users;
    private final Revocations revocations;
    private final Clock clock;
    private final ConnectedListener listener;
    /** Digests of passwords that were right, with the hash they were right for: sessions ask again and again. */
    private final Map<String, PasswordHash> accepted = new ConcurrentHashMap<>();

    private final Map<String, Known> known = new ConcurrentHashMap<>();
    /** What certificates said: a connection asks again for each of its messages. */
    private final Map<X509Certificate, GatewayLogin> logins = new ConcurrentHashMap<>();

    /** What connections of a user carry once they were let in with the password of this hash. */
    private record Known(Subject subject, PasswordHash hash) {
        static Known of(User user) {
            Subject subject = new Subject();
            subject.getPrincipals().add(new UserPrincipal(user.name()));
            return new Known(subject, user.hash());
        }
    }

    /** Told of each authenticated connection before the broker answers it. */
    @FunctionalInterface
    public interface ConnectedListener {
        void connected(RemotingConnection connection);
    }

    /**
     * @param identities folder where the API says who is let in no more, and which devices have a password
     * @throws IOException when a users file cannot be read or is wrong
     */
    public BrokerSecurity(Path usersFile, Path identities, Clock clock, ConnectedListener listener) throws IOException {
        this.revocations = new Revocations(identities, clock);
        this.clock = clock;
        try {
            this.users = new UserFile(usersFile, identities.resolve("device-users"), clock);
        } catch (IOException e) {
            throw new IOException("the broker's users file: " + e.getMessage(), e);
        }
        this.listener = listener;
    }

    @Override
    public @Nullable Subject authenticate(
            @Nullable String name,
            @Nullable String password,
            RemotingConnection connection,
            @Nullable String securityDomain) {
        X509Certificate certificate = certificateOf(connection);
        if (certificate != null) {
            return authenticate(name, certificate, connection);
        }
        User user = name == null ? null : users.find(name);
        if (user != null && isKnown(user, connection.getSubject())) {
            return connection.getSubject();
        }
        if (user != null && isRevoked(user)) {
            LOG.warn("Refused user '{}' from {}: revoked", name, connection.getRemoteAddress());
            return null;
        }
        if (user == null || password == null || !accepts(user, password)) {
            LOG.warn("Refused user '{}' from {}: unknown, or a wrong password", name, connection.getRemoteAddress());
            return null;
        }
        own(connection, user.name());
        return known.compute(
                        user.name(),
                        (same, before) -> before != null && before.hash().equals(user.hash()) ? before : Known.of(user))
                .subject();
    }

    /** A gateway by its certificate, whose chain the TLS listener has checked. A name that it gives must be its own. */
    private @Nullable Subject authenticate(
            @Nullable String name, X509Certificate certificate, RemotingConnection connection) {
        GatewayLogin login = loginOf(certificate);
        if (login != null && login.subject().equals(connection.getSubject())) {
            // Let in before. It is cut off soon if it may not stay, and its last will is to be heard then.
            return login.subject();
        }
        String refusal = login == null
                ? "the certificate names nobody"
                : name != null && !name.equals(login.gateway())
                        ? "the certificate is that of '" + login.gateway() + "'"
                        : whyNot(login);
        if (login == null || refusal != null) {
            LOG.warn("Refused gateway '{}' from {}: {}", name, connection.getRemoteAddress(), refusal);
            return null;
        }
        own(connection, login.gateway());
        return login.subject();
    }

    private @Nullable GatewayLogin loginOf(X509Certificate certificate) {
        GatewayLogin login = logins.get(certificate);
        if (login == null) {
            login = GatewayLogin.of(certificate);
            if (login != null) {
                if (logins.size() >= MAX_REMEMBERED) {
                    logins.clear();
                }
                logins.put(certificate, login);
            }
        }
        return login;
    }

    private @Nullable String whyNot(GatewayLogin login) {
        if (revocations.isRevoked(login.serial())) {
            return "the certificate is revoked";
        }
        return clock.instant().isAfter(login.end()) ? "the certificate ended at " + login.end() : null;
    }

    private boolean isRevoked(User user) {
        return user.role() == dev.tocsin.standalone.broker.access.Role.GATEWAY && revocations.isRevoked(user.name());
    }

    /**
     * Whether whoever is connected would still be let in: a certificate may have ended or been revoked since, a password
     * changed or taken away.
     */
    public boolean isStillWelcome(RemotingConnection connection) {
        X509Certificate certificate = certificateOf(connection);
        if (certificate != null) {
            GatewayLogin login = loginOf(certificate);
            return login != null && whyNot(login) == null;
        }
        Subject subject = connection.getSubject();
        if (subject == null) {
            return true;
        }
        for (UserPrincipal principal : subject.getPrincipals(UserPrincipal.class)) {
            User user = users.find(principal.getName());
            if (user == null || isRevoked(user) || !isKnown(user, subject)) {
                return false;
            }
        }
        return true;
    }

    private static @Nullable X509Certificate certificateOf(RemotingConnection connection) {
        X509Certificate[] chain = CertificateUtil.getCertsFromConnection(connection);
        return chain == null || chain.length == 0 ? null : chain[0];
    }

    /** Takes the client id into the user's own namespace. */
    private void own(RemotingConnection connection, String user) {
        String clientId = connection.getClientID();
        String owned = user + OWNER_MARK;
        if (clientId != null && !clientId.startsWith(owned)) {
            requireHarmless(clientId);
            connection.setClientID(owned + clientId);
            listener.connected(connection);
        }
    }

    /** The broker asks for each message anew: on a connection that was let in as this user nothing is computed. */
    private boolean isKnown(User user, @Nullable Subject ofConnection) {
        Known letIn = known.get(user.name());
        return ofConnection != null
                && letIn != null
                && letIn.subject().equals(ofConnection)
                && letIn.hash().equals(user.hash());
    }

    @Override
    public boolean authorize(Subject subject, Set<Role> roles, CheckType check, String address) {
        Set<UserPrincipal> principals = subject.getPrincipals(UserPrincipal.class);
        if (principals.isEmpty()) {
            return false;
        }
        String user = principals.iterator().next().getName();
        Set<GatewayLogin.Certified> certified = subject.getPrincipals(GatewayLogin.Certified.class);
        Grants grants = certified.isEmpty()
                ? users.grantsOf(user)
                : certified.iterator().next().grants();
        int queue = address.indexOf(QUEUE_MARK);
        String topic = queue < 0 ? address : address.substring(0, queue);
        boolean allowed = grants != null && isAllowed(grants, check, topic);
        if (!allowed) {
            LOG.warn("Refused user '{}': {} on '{}'", user, check, topic);
        }
        return allowed;
    }

    private static boolean isAllowed(Grants grants, CheckType check, String topic) {
        return switch (check) {
            case SEND -> grants.mayPublish(topic);
            case CREATE_ADDRESS -> grants.mayPublish(topic) || grants.maySubscribe(topic);
            case CONSUME,
                    BROWSE,
                    CREATE_DURABLE_QUEUE,
                    CREATE_NON_DURABLE_QUEUE,
                    DELETE_DURABLE_QUEUE,
                    DELETE_NON_DURABLE_QUEUE,
                    DELETE_ADDRESS -> grants.maySubscribe(topic);
            default -> false;
        };
    }

    private boolean accepts(User user, String password) {
        String digest = digest(user.name(), password);
        if (user.hash().equals(accepted.get(digest))) {
            return true;
        }
        boolean right = user.hash().accepts(password);
        if (right) {
            if (accepted.size() >= MAX_REMEMBERED) {
                accepted.clear();
            }
            accepted.put(digest, user.hash());
        }
        return right;
    }

    /** Artemis puts client ids between the quotes of a filter when it removes a session. */
    private static void requireHarmless(String clientId) {
        for (int i = 0; i < clientId.length(); i++) {
            char c = clientId.charAt(i);
            if (c == '\'' || c == '\\' || Character.isISOControl(c)) {
                throw new InvalidClientIdException();
            }
        }
    }

    private static String digest(String user, String password) {
        try {
            MessageDigest sha = MessageDigest.getInstance("SHA-256");
            sha.update(user.getBytes(StandardCharsets.UTF_8));
            sha.update((byte) 0);
            return Base64.getEncoder().encodeToString(sha.digest(password.getBytes(StandardCharsets.UTF_8)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java runtime has SHA-256", e);
        }
    }

    /** The broker asks {@link #authenticate} instead. */
    @Override
    public boolean validateUser(String user, String password) {
        return false;
    }

    /** The broker asks {@link #authorize} instead. */
    @Override
    public boolean validateUserAndRole(String user, String password, Set<Role> roles, CheckType checkType) {
        return false;
    }
}
