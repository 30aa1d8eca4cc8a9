package dev.tocsin.cloud.identity;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

/** Tables {@code ops.enrolment_token}, {@code gateway_certificate}, {@code gateway_revocation}, {@code device_credential}. */
final class IdentityStore {
    private IdentityStore() {}

    enum How {
        ENROLLED,
        RENEWED
    }

    /** @param usedByKey SHA-256 of the key that it let in, null while it is new */
    record Token(byte[] sha256, Instant expiresAt, byte @Nullable [] usedByKey) {}

    record Certificate(
            BigInteger serial,
            String gateway,
            byte[] keySha256,
            Instant issuedAt,
            Instant notAfter,
            @Nullable Instant revokedAt) {}

    /** The newest certificate that is not revoked, the open token, the last revocation: what there is of them. */
    record Row(
            String gateway,
            @Nullable BigInteger serial,
            @Nullable Instant issuedAt,
            @Nullable Instant notAfter,
            @Nullable Instant tokenExpiresAt,
            @Nullable String revokedBy,
            @Nullable Instant revokedAt) {}

    record Credential(String device, String hash, Instant madeAt) {}

    /** Whoever changes a gateway's identity waits here for who does so already; false where there is no such gateway. */
    static boolean lock(Handle handle, String gateway) {
        return handle.createQuery("select id from ops.gateway where id = :gateway for update")
                .bind("gateway", gateway)
                .mapTo(String.class)
                .findOne()
                .isPresent();
    }

    static void putToken(Handle handle, String gateway, byte[] sha256, String by, Instant at, Instant expiresAt) {
        handle.createUpdate(
                        "insert into ops.enrolment_token (gateway, token_sha256, created_by, created_at, expires_at)"
                                + " values (:gateway, :sha256, :by, :at, :expires)"
                                + " on conflict (gateway) do update set token_sha256 = excluded.token_sha256,"
                                + " created_by = excluded.created_by, created_at = excluded.created_at,"
                                + " expires_at = excluded.expires_at, used_by_key = null")
                .bind("gateway", gateway)
                .bind("sha256", sha256)
                .bind("by", by)
                .bind("at", utc(at))
                .bind("expires", utc(expiresAt))
                .execute();
    }

    static Optional<Token> token(Handle handle, String gateway) {
        return handle.createQuery("select * from ops.enrolment_token where gateway = :gateway")
                .bind("gateway", gateway)
                .map((row, context) ->
                        new Token(row.getBytes("token_sha256"), time(row, "expires_at"), row.getBytes("used_by_key")))
                .findOne();
    }

    static void useToken(Handle handle, String gateway, byte[] keySha256) {
        handle.createUpdate("update ops.enrolment_token set used_by_key = :key where gateway = :gateway")
                .bind("gateway", gateway)
                .bind("key", keySha256)
                .execute();
    }

    static void add(Handle handle, Certificate certificate, How how) {
        handle.createUpdate(
                        "insert into ops.gateway_certificate (serial, gateway, key_sha256, how, issued_at, not_after)"
                                + " values (:serial, :gateway, :key, :how, :at, :end)")
                .bind("serial", new BigDecimal(certificate.serial()))
                .bind("gateway", certificate.gateway())
                .bind("key", certificate.keySha256())
                .bind("how", how.name())
                .bind("at", utc(certificate.issuedAt()))
                .bind("end", utc(certificate.notAfter()))
                .execute();
    }

    static Optional<Certificate> certificate(Handle handle, BigInteger serial) {
        return handle.createQuery("select * from ops.gateway_certificate where serial = :serial")
                .bind("serial", new BigDecimal(serial))
                .map((row, context) -> new Certificate(
                        serial,
                        row.getString("gateway"),
                        row.getBytes("key_sha256"),
                        time(row, "issued_at"),
                        time(row, "not_after"),
                        timeOrNull(row, "revoked_at")))
                .findOne();
    }

    static int issuedSince(Handle handle, String gateway, Instant since) {
        return handle.createQuery(
                        "select count(*) from ops.gateway_certificate where gateway = :gateway and issued_at > :since")
                .bind("gateway", gateway)
                .bind("since", utc(since))
                .mapTo(Integer.class)
                .one();
    }

    /** Whether the gateway was given a certificate for yet another key after that one. */
    static boolean isSuperseded(Handle handle, Certificate certificate, byte[] keySha256) {
        return handle.createQuery("select exists (select 1 from ops.gateway_certificate"
                        + " where gateway = :gateway and issued_at > :at and key_sha256 <> :key)")
                .bind("gateway", certificate.gateway())
                .bind("at", utc(certificate.issuedAt()))
                .bind("key", keySha256)
                .mapTo(Boolean.class)
                .one();
    }

    /** Certificates that nobody can use or renew any more. */
    static void forget(Handle handle, String gateway, Instant endedBefore) {
        handle.createUpdate("delete from ops.gateway_certificate where gateway = :gateway and not_after < :end")
                .bind("gateway", gateway)
                .bind("end", utc(endedBefore))
                .execute();
    }

    /** Everything that the gateway has: certificates, token, password. */
    static void revoke(Handle handle, String gateway, String by, Instant at) {
        handle.createUpdate("update ops.gateway_certificate set revoked_at = :at"
                        + " where gateway = :gateway and revoked_at is null")
                .bind("gateway", gateway)
                .bind("at", utc(at))
                .execute();
        handle.createUpdate("delete from ops.enrolment_token where gateway = :gateway")
                .bind("gateway", gateway)
                .execute();
        handle.createUpdate("insert into ops.gateway_revocation (gateway, revoked_by, revoked_at)"
                        + " values (:gateway, :by, :at) on conflict (gateway) do update"
                        + " set revoked_by = excluded.revoked_by, revoked_at = excluded.revoked_at")
                .bind("gateway", gateway)
                .bind("by", by)
                .bind("at", utc(at))
                .execute();
    }

    static List<Row> identities(Handle handle) {
        return handle.createQuery(
                        "select g.id, c.serial, c.issued_at, c.not_after, t.expires_at, r.revoked_by, r.revoked_at"
                                + " from ops.gateway g"
                                + " left join lateral (select * from ops.gateway_certificate c where c.gateway = g.id"
                                + " and c.revoked_at is null order by c.issued_at desc limit 1) c on true"
                                + " left join ops.enrolment_token t on t.gateway = g.id and t.used_by_key is null"
                                + " left join ops.gateway_revocation r on r.gateway = g.id order by g.id")
                .map((row, context) -> new Row(
                        row.getString("id"),
                        row.getBigDecimal("serial") == null
                                ? null
                                : row.getBigDecimal("serial").toBigInteger(),
                        timeOrNull(row, "issued_at"),
                        timeOrNull(row, "not_after"),
                        timeOrNull(row, "expires_at"),
                        row.getString("revoked_by"),
                        timeOrNull(row, "revoked_at")))
                .list();
    }

    /** Revoked certificates that would be good otherwise. */
    static List<Authority.Revoked> revoked(Handle handle, Instant now) {
        return handle.createQuery("select serial, revoked_at from ops.gateway_certificate"
                        + " where revoked_at is not null and not_after > :now order by serial")
                .bind("now", utc(now))
                .map((row, context) ->
                        new Authority.Revoked(row.getBigDecimal("serial").toBigInteger(), time(row, "revoked_at")))
                .list();
    }

    static List<String> revokedGateways(Handle handle) {
        return handle.createQuery("select gateway from ops.gateway_revocation order by gateway")
                .mapTo(String.class)
                .list();
    }

    static void putCredential(Handle handle, String device, String hash, String by, Instant at) {
        handle.createUpdate("insert into ops.device_credential (device, hash, made_by, made_at)"
                        + " values (:device, :hash, :by, :at) on conflict (device) do update"
                        + " set hash = excluded.hash, made_by = excluded.made_by, made_at = excluded.made_at")
                .bind("device", device)
                .bind("hash", hash)
                .bind("by", by)
                .bind("at", utc(at))
                .execute();
    }

    static boolean deleteCredential(Handle handle, String device) {
        return handle.createUpdate("delete from ops.device_credential where device = :device")
                        .bind("device", device)
                        .execute()
                > 0;
    }

    static List<Credential> credentials(Handle handle) {
        return handle.createQuery("select device, hash, made_at from ops.device_credential order by device")
                .map((row, context) ->
                        new Credential(row.getString("device"), row.getString("hash"), time(row, "made_at")))
                .list();
    }

    private static OffsetDateTime utc(Instant at) {
        return at.atOffset(ZoneOffset.UTC);
    }

    private static Instant time(ResultSet row, String column) throws SQLException {
        return row.getObject(column, OffsetDateTime.class).toInstant();
    }

    private static @Nullable Instant timeOrNull(ResultSet row, String column) throws SQLException {
        OffsetDateTime at = row.getObject(column, OffsetDateTime.class);
        return at == null ? null : at.toInstant();
    }
}
