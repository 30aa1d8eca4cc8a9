package dev.tocsin.cloud.identity;

import dev.tocsin.cloud.database.Database;
import dev.tocsin.cloud.http.ApiException;
import dev.tocsin.cloud.login.Audit;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import org.jdbi.v3.core.Handle;

/**
 * Lets gateways in and out: each act is a transaction that holds the gateway's row, so that a revocation and a renewal
 * never pass each other, with its entry in the audit. Safe for any thread.
 */
final class GatewayIdentities {
    /** Precedes what is signed for a renewal: a signature for anything else is of no use here. */
    static final byte[] RENEWAL = "tocsin renewal 1\n".getBytes(StandardCharsets.US_ASCII);

    private static final int TOKEN_BYTES = 32;
    /** A gateway that renews in a circle is stopped before it fills the table. */
    private static final int MAX_ISSUED_PER_HOUR = 20;

    private static final Duration KEPT_AFTER_GRACE = Duration.ofDays(30);

    private final Database database;
    private final Authority authority;
    private final IdentityConfig config;
    private final Audit audit;
    private final Clock clock;
    private final SecureRandom random = new SecureRandom();

    /** What a gateway is given: its certificate, and whom it is to trust; both PEM. */
    record Issued(String certificate, String authorities, Instant notAfter) {}

    /** @param secret shown once */
    record NewToken(String secret, Instant expiresAt) {}

    GatewayIdentities(Database database, Authority authority, IdentityConfig config, Audit audit, Clock clock) {
        this.database = database;
        this.authority = authority;
        this.config = config;
        this.audit = audit;
        this.clock = clock;
    }

    NewToken invite(String gateway, String by, String source) {
        byte[] bits = new byte[TOKEN_BYTES];
        random.nextBytes(bits);
        String secret = Base64.getUrlEncoder().withoutPadding().encodeToString(bits);
        return database.write(handle -> {
            requireGateway(handle, gateway);
            Instant now = clock.instant();
            Instant end = now.plus(config.tokenLife());
            IdentityStore.putToken(handle, gateway, hash(secret), by, now, end);
            audit.append(handle, by, source, "gateway_token_made", gateway, "until " + end);
            return new NewToken(secret, end);
        });
    }

    void revoke(String gateway, String by, String source) {
        database.write(handle -> {
            requireGateway(handle, gateway);
            IdentityStore.revoke(handle, gateway, by, clock.instant());
            audit.append(handle, by, source, "gateway_revoked", gateway, "");
            return null;
        });
    }

    /**
     * Signs for a token, once. The same key may ask again with it: a gateway whose answer was lost on the way, or which
     * was switched off before it could keep it, is not locked out.
     *
     * @throws ApiException 403 when the token is wrong, used or too old
     */
    Issued enrol(String gateway, String token, String csr, String source) {
        byte[] given = hash(token);
        SigningRequest request = SigningRequest.read(csr, gateway);
        return database.write(handle -> {
            // The same answer for a gateway that does not exist: who guesses learns nothing of either.
            boolean exists = IdentityStore.lock(handle, gateway);
            IdentityStore.Token known = IdentityStore.token(handle, gateway).orElse(null);
            if (!exists || known == null || !MessageDigest.isEqual(known.sha256(), given)) {
                throw Refusals.token();
            }
            if (!clock.instant().isBefore(known.expiresAt())) {
                throw Refusals.tokenExpired();
            }
            byte[] usedBy = known.usedByKey();
            if (usedBy != null && !Arrays.equals(usedBy, request.keyHash())) {
                throw Refusals.tokenUsed();
            }
            IdentityStore.useToken(handle, gateway, request.keyHash());
            return issue(handle, gateway, request, IdentityStore.How.ENROLLED, source);
        });
    }

    /**
     * Signs for the key of an earlier certificate, also within the grace after its end.
     *
     * @param signature of {@link #RENEWAL} and the request, by the certificate's key, Base64
     * @throws ApiException 403 when the certificate is unknown, revoked, too old or was followed by one of another key, or the
     *     signature is not of its key
     */
    Issued renew(String certificatePem, String csr, String signature, String source) {
        X509Certificate current = certificate(certificatePem);
        return database.write(handle -> {
            IdentityStore.Certificate known =
                    IdentityStore.certificate(handle, current.getSerialNumber()).orElseThrow(Refusals::unknown);
            byte[] keySha256 = Authority.sha256(current.getPublicKey().getEncoded());
            if (!MessageDigest.isEqual(known.keySha256(), keySha256)) {
                throw Refusals.unknown();
            }
            SigningRequest request = SigningRequest.read(csr, known.gateway());
            if (!Authority.verifies(current.getPublicKey(), signedText(request), signatureBytes(signature))) {
                throw Refusals.signature();
            }
            IdentityStore.lock(handle, known.gateway());
            // Read again: it may have been revoked while this waited.
            known = IdentityStore.certificate(handle, current.getSerialNumber()).orElseThrow(Refusals::unknown);
            if (known.revokedAt() != null) {
                throw Refusals.revoked();
            }
            if (clock.instant().isAfter(known.notAfter().plus(config.grace()))) {
                throw Refusals.tooLate();
            }
            // A gateway whose answer was lost asks again for the same key. Another key is of a copy of its identity, or
            // it is
            // the gateway that asks and the copy was first: either way somebody must look.
            if (IdentityStore.isSuperseded(handle, known, request.keyHash())) {
                throw Refusals.superseded();
            }
            return issue(handle, known.gateway(), request, IdentityStore.How.RENEWED, source);
        });
    }

    private Issued issue(Handle handle, String gateway, SigningRequest request, IdentityStore.How how, String source) {
        Instant now = clock.instant();
        if (IdentityStore.issuedSince(handle, gateway, now.minus(Duration.ofHours(1))) >= MAX_ISSUED_PER_HOUR) {
            throw Refusals.tooMany();
        }
        X509Certificate signed = authority.signClient(gateway, request.key(), config.life());
        Instant end = signed.getNotAfter().toInstant();
        IdentityStore.forget(handle, gateway, now.minus(config.grace()).minus(KEPT_AFTER_GRACE));
        IdentityStore.add(
                handle,
                new IdentityStore.Certificate(signed.getSerialNumber(), gateway, request.keyHash(), now, end, null),
                how);
        String detail = signed.getSerialNumber().toString(16) + " until " + end;
        audit.append(
                handle, gateway, source, "gateway_" + how.name().toLowerCase(java.util.Locale.ROOT), gateway, detail);
        try {
            return new Issued(PemText.of(PemText.CERTIFICATE, signed.getEncoded()), authority.bundle(), end);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("a certificate that was made can be written", e);
        }
    }

    /** Whose certificate it says it is; empty for one that is nobody's. */
    String gatewayOf(String certificatePem) {
        BigInteger serial = certificate(certificatePem).getSerialNumber();
        return database.read(handle -> IdentityStore.certificate(handle, serial)
                .map(IdentityStore.Certificate::gateway)
                .orElse(""));
    }

    /** An attempt that was refused. */
    void auditRefusal(String gateway, String source, String code) {
        database.write(handle -> {
            audit.append(handle, gateway, source, "gateway_refused", gateway, code);
            return null;
        });
    }

    private static void requireGateway(Handle handle, String gateway) {
        if (!IdentityStore.lock(handle, gateway)) {
            throw ApiException.notFound("There is no gateway '" + gateway + "'.", "网关 “" + gateway + "” 不存在。");
        }
    }

    private static byte[] signedText(SigningRequest request) {
        byte[] text = Arrays.copyOf(RENEWAL, RENEWAL.length + request.der().length);
        System.arraycopy(request.der(), 0, text, RENEWAL.length, request.der().length);
        return text;
    }

    private static byte[] signatureBytes(String base64) {
        try {
            return Base64.getDecoder().decode(base64);
        } catch (IllegalArgumentException e) {
            throw ApiException.invalid("/signature", "The signature is not Base64.", "签名不是 Base64 编码。");
        }
    }

    private static X509Certificate certificate(String pem) {
        try {
            List<byte[]> blocks = PemText.blocks(PemText.CERTIFICATE, pem);
            if (!blocks.isEmpty()) {
                return (X509Certificate) CertificateFactory.getInstance("X.509")
                        .generateCertificate(new ByteArrayInputStream(blocks.get(0)));
            }
        } catch (IOException | GeneralSecurityException e) {
            // The same answer as for text without any.
        }
        throw ApiException.invalid("/certificate", "This is no certificate in PEM form.", "不是 PEM 格式的证书。");
    }

    /** A token is 256 random bits: no stretching makes it safer. */
    private static byte[] hash(String token) {
        return Authority.sha256(token.getBytes(StandardCharsets.US_ASCII));
    }
}
