package dev.tocsin.cloud.identity;

import dev.tocsin.cloud.database.Database;
import dev.tocsin.cloud.http.ApiException;
import dev.tocsin.cloud.http.Call;
import dev.tocsin.cloud.http.Reply;
import dev.tocsin.cloud.http.Routes;
import dev.tocsin.cloud.login.Throttle;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** How a gateway is let in, renews itself, and is put out. */
final class GatewayRoutes {
    /** What the listener for gateways answers; everything else is for people, and not there. */
    static final List<String> FOR_GATEWAYS = List.of("/api/v1/enrol", "/api/v1/enrol/renew", "/api/v1/crl.pem");

    private final GatewayIdentities identities;
    private final BrokerFiles files;
    private final Instructions instructions;
    private final Database database;
    private final Throttle throttle;
    private final MeterRegistry metrics;
    private final Counter revoked;
    private final Clock clock;

    record EnrolInput(String gateway, String token, String csr) {}

    record RenewInput(String certificate, String csr, String signature) {}

    record CertificateView(String serial, Instant issuedAt, Instant notAfter) {}

    record IdentityView(
            String gateway,
            String state,
            @Nullable CertificateView certificate,
            @Nullable Instant tokenExpiresAt,
            @Nullable String revokedBy,
            @Nullable Instant revokedAt) {}

    record TokenView(String gateway, String token, Instant expiresAt, String caFingerprint, String command) {}

    GatewayRoutes(
            GatewayIdentities identities,
            BrokerFiles files,
            Instructions instructions,
            Database database,
            MeterRegistry metrics,
            Clock clock) {
        this.identities = identities;
        this.files = files;
        this.instructions = instructions;
        this.database = database;
        this.throttle = new Throttle(clock);
        this.metrics = metrics;
        this.clock = clock;
        revoked = metrics.counter("tocsin.identity.revoked");
        // What never happened is 0, not missing.
        issued("enrolled");
        issued("renewed");
        refused("too_many_attempts");
    }

    void addTo(Routes routes) {
        routes.blocking("listIdentities", call -> Map.of("identities", list()));
        routes.blocking("makeEnrolmentToken", this::invite);
        routes.blocking("revokeGateway", this::revoke);
        routes.blocking("enrol", this::enrol);
        routes.blocking("renewIdentity", this::renew);
        routes.inline("getRevocationList", call -> Reply.text(files.list()));
    }

    private List<IdentityView> list() {
        return database.read(IdentityStore::identities).stream().map(this::view).toList();
    }

    private TokenView invite(Call call) {
        String gateway = call.path("id");
        GatewayIdentities.NewToken token =
                identities.invite(gateway, call.caller().user(), call.source());
        return new TokenView(
                gateway,
                token.secret(),
                token.expiresAt(),
                instructions.fingerprint(),
                instructions.commandFor(gateway, token.secret()));
    }

    private IdentityView revoke(Call call) {
        String gateway = call.path("id");
        identities.revoke(gateway, call.caller().user(), call.source());
        revoked.increment();
        files.publish();
        return list().stream()
                .filter(view -> view.gateway().equals(gateway))
                .findFirst()
                .orElseThrow();
    }

    private GatewayIdentities.Issued enrol(Call call) {
        EnrolInput input = call.body(EnrolInput.class);
        return attempt(
                "enrolled",
                input::gateway,
                input.gateway(),
                call.source(),
                () -> identities.enrol(input.gateway(), input.token(), input.csr(), call.source()));
    }

    private GatewayIdentities.Issued renew(Call call) {
        RenewInput input = call.body(RenewInput.class);
        // Whose it is, is known only afterwards. Attempts with one certificate count together, and none for another
        // gateway.
        return attempt(
                "renewed",
                () -> identities.gatewayOf(input.certificate()),
                "certificate " + fingerprint(input.certificate()),
                call.source(),
                () -> identities.renew(input.certificate(), input.csr(), input.signature(), call.source()));
    }

    private GatewayIdentities.Issued attempt(
            String how,
            Supplier<String> gateway,
            String caller,
            String source,
            Supplier<GatewayIdentities.Issued> work) {
        Throttle.Verdict verdict = throttle.begin(caller, source);
        if (verdict.waitSeconds() > 0) {
            refused("too_many_attempts").increment();
            throw new ApiException(
                            429,
                            "too_many_attempts",
                            "Too many attempts failed. Wait " + verdict.waitSeconds() + " s.",
                            "失败次数过多，请等待 " + verdict.waitSeconds() + " 秒。")
                    .retryAfter(verdict.waitSeconds());
        }
        try {
            GatewayIdentities.Issued issued = work.get();
            throttle.succeeded(caller, source);
            issued(how).increment();
            return issued;
        } catch (ApiException e) {
            if (e.status() == 403) {
                refused(e.code()).increment();
                identities.auditRefusal(gateway.get(), source, e.code());
            } else if (e.status() >= 500) {
                throttle.undecided(caller, source);
            }
            throw e;
        }
    }

    private static String fingerprint(String certificate) {
        return HexFormat.of().formatHex(Authority.sha256(certificate.getBytes(StandardCharsets.UTF_8)));
    }

    private Counter issued(String how) {
        return metrics.counter("tocsin.identity.issued", "how", how);
    }

    private Counter refused(String reason) {
        return metrics.counter("tocsin.identity.refused", "reason", reason);
    }

    private IdentityView view(IdentityStore.Row row) {
        Instant now = clock.instant();
        Instant token = row.tokenExpiresAt();
        Instant end = row.notAfter();
        CertificateView certificate = row.serial() == null || row.issuedAt() == null || end == null
                ? null
                : new CertificateView(row.serial().toString(16), row.issuedAt(), end);
        return new IdentityView(
                row.gateway(),
                state(row, now),
                certificate,
                token != null && token.isAfter(now) ? token : null,
                row.revokedBy(),
                row.revokedAt());
    }

    private static String state(IdentityStore.Row row, Instant now) {
        Instant end = row.notAfter();
        if (end != null) {
            return end.isAfter(now) ? "enrolled" : "expired";
        }
        return row.revokedAt() != null ? "revoked" : "none";
    }
}
