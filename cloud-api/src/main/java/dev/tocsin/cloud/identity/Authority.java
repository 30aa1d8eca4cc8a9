package dev.tocsin.cloud.identity;

import dev.tocsin.profiles.config.PrivateFile;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.MessageDigest;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.Signature;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.interfaces.ECPrivateKey;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.ECPoint;
import java.security.spec.ECPublicKeySpec;
import java.security.spec.PKCS8EncodedKeySpec;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Date;
import java.util.HexFormat;
import java.util.List;
import javax.security.auth.x500.X500Principal;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.CRLNumber;
import org.bouncycastle.asn1.x509.CRLReason;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.asn1.x9.ECNamedCurveTable;
import org.bouncycastle.cert.CertIOException;
import org.bouncycastle.cert.X509v3CertificateBuilder;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509ExtensionUtils;
import org.bouncycastle.cert.jcajce.JcaX509v2CRLBuilder;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.ContentSigner;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/**
 * The platform's own certificate authority, EC P-256, in a folder that is the owner's alone: {@code ca.key} and {@code
 * ca.pem}. The latter may hold certificates of further authorities, which gateways are then told to trust too; the one
 * that belongs to the key is the one that signs. Safe for any thread.
 */
final class Authority {
    static final String CERTIFICATES = "ca.pem";
    static final String KEY = "ca.key";

    private static final String CURVE = "secp256r1";
    private static final String SUBJECT = "CN=Tocsin gateways";
    private static final String ALGORITHM = "SHA256withECDSA";
    private static final Duration OWN_LIFE = Duration.ofDays(20 * 365L);
    /** Clocks of gateways that are late by minutes, and by an hour of summer time, find the certificate valid. */
    private static final Duration BACKDATED = Duration.ofHours(1);

    private static final int SERIAL_BITS = 127;

    private final Clock clock;
    private final PrivateKey key;
    private final X509Certificate certificate;
    private final String bundle;
    private final SecureRandom random = new SecureRandom();

    /** A certificate that is no longer good. */
    record Revoked(BigInteger serial, Instant at) {}

    private Authority(Clock clock, PrivateKey key, X509Certificate certificate, String bundle) {
        this.clock = clock;
        this.key = key;
        this.certificate = certificate;
        this.bundle = bundle;
    }

    /**
     * Opens the authority of a folder, made now where there is none. A power cut in between leaves a key without a
     * certificate, which is then made for it.
     *
     * @throws IOException naming the file and what is wrong with it; a certificate whose key is gone is never replaced,
     *     because every gateway trusts it
     */
    static Authority open(Path folder, Clock clock) throws IOException {
        PrivateFile.folder(folder);
        Path keyFile = folder.resolve(KEY);
        Path certificates = folder.resolve(CERTIFICATES);
        if (!Files.exists(keyFile)) {
            if (Files.exists(certificates)) {
                throw new IOException(keyFile + " is missing, but gateways trust the authority in " + certificates
                        + ": bring the key back, or see \"The authority's key is lost\" in docs/OPERATIONS.md");
            }
            PrivateFile.write(
                    keyFile, PemText.of(PemText.KEY, newKeys().getPrivate().getEncoded()));
        }
        try {
            PrivateKey key = privateKey(keyFile);
            if (!Files.exists(certificates)) {
                X509Certificate own = selfSigned(key, clock.instant());
                PrivateFile.write(certificates, PemText.of(PemText.CERTIFICATE, own.getEncoded()));
            }
            String bundle = Files.readString(certificates);
            for (X509Certificate one : certificates(bundle, certificates)) {
                if (belongTogether(key, one.getPublicKey())) {
                    return new Authority(clock, key, one, bundle);
                }
            }
            throw new IOException(certificates + " holds no certificate of the key in " + keyFile);
        } catch (GeneralSecurityException e) {
            throw new IOException(keyFile + " or " + certificates + " cannot be used: " + e.getMessage(), e);
        }
    }

    X509Certificate certificate() {
        return certificate;
    }

    /** What a gateway is to trust, PEM. */
    String bundle() {
        return bundle;
    }

    /** SHA-256 of the signing certificate, hexadecimal: how a gateway knows it at their first meeting. */
    String fingerprint() {
        try {
            return HexFormat.of().formatHex(sha256(certificate.getEncoded()));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("a certificate that was read can be written", e);
        }
    }

    /** A client certificate, of no use for anything but to log in as {@code gateway}. */
    X509Certificate signClient(String gateway, PublicKey of, Duration life) {
        return sign(new X500Principal("CN=" + gateway), of, life, KeyPurposeId.id_kp_clientAuth, List.of());
    }

    /** @param names host names and addresses */
    X509Certificate signServer(List<String> names, PublicKey of, Duration life) {
        return sign(new X500Principal("CN=Tocsin server"), of, life, KeyPurposeId.id_kp_serverAuth, names);
    }

    private X509Certificate sign(
            X500Principal subject, PublicKey of, Duration life, KeyPurposeId purpose, List<String> names) {
        Instant now = clock.instant();
        try {
            JcaX509ExtensionUtils extensions = new JcaX509ExtensionUtils();
            X509v3CertificateBuilder builder = new JcaX509v3CertificateBuilder(
                            certificate,
                            serial(),
                            Date.from(now.minus(BACKDATED)),
                            Date.from(now.plus(life)),
                            subject,
                            of)
                    .addExtension(Extension.basicConstraints, true, new BasicConstraints(false))
                    .addExtension(Extension.keyUsage, true, new KeyUsage(KeyUsage.digitalSignature))
                    .addExtension(Extension.extendedKeyUsage, false, new ExtendedKeyUsage(purpose))
                    .addExtension(Extension.subjectKeyIdentifier, false, extensions.createSubjectKeyIdentifier(of))
                    .addExtension(
                            Extension.authorityKeyIdentifier,
                            false,
                            extensions.createAuthorityKeyIdentifier(certificate));
            if (!names.isEmpty()) {
                builder.addExtension(Extension.subjectAlternativeName, false, alternatives(names));
            }
            return new JcaX509CertificateConverter().getCertificate(builder.build(signer(key)));
        } catch (GeneralSecurityException | OperatorCreationException | CertIOException e) {
            throw new IllegalStateException("a certificate for " + subject + " cannot be signed", e);
        }
    }

    /** The list of what is revoked, PEM; {@code life} until whoever relies on it wants a newer one. */
    String revocations(List<Revoked> revoked, Duration life) {
        Instant now = clock.instant();
        try {
            JcaX509v2CRLBuilder builder = new JcaX509v2CRLBuilder(certificate, Date.from(now.minus(BACKDATED)));
            builder.setNextUpdate(Date.from(now.plus(life)));
            for (Revoked one : revoked) {
                builder.addCRLEntry(one.serial(), Date.from(one.at()), CRLReason.privilegeWithdrawn);
            }
            builder.addExtension(
                    Extension.authorityKeyIdentifier,
                    false,
                    new JcaX509ExtensionUtils().createAuthorityKeyIdentifier(certificate));
            builder.addExtension(Extension.cRLNumber, false, new CRLNumber(BigInteger.valueOf(now.toEpochMilli())));
            return PemText.of(PemText.REVOCATIONS, builder.build(signer(key)).getEncoded());
        } catch (GeneralSecurityException | OperatorCreationException | IOException e) {
            throw new IllegalStateException("the revocation list cannot be signed", e);
        }
    }

    private static GeneralNames alternatives(List<String> names) {
        List<GeneralName> all = new ArrayList<>();
        for (String name : names) {
            boolean address = name.contains(":") || name.matches("[0-9.]+");
            all.add(new GeneralName(address ? GeneralName.iPAddress : GeneralName.dNSName, name));
        }
        return new GeneralNames(all.toArray(new GeneralName[0]));
    }

    /** Not to be guessed, and positive. */
    private BigInteger serial() {
        return new BigInteger(SERIAL_BITS, random).add(BigInteger.ONE);
    }

    private static X509Certificate selfSigned(PrivateKey key, Instant now) throws GeneralSecurityException {
        PublicKey own = publicOf(key);
        X500Principal subject = new X500Principal(SUBJECT);
        try {
            X509v3CertificateBuilder builder = new JcaX509v3CertificateBuilder(
                            subject,
                            new BigInteger(SERIAL_BITS, new SecureRandom()).add(BigInteger.ONE),
                            Date.from(now.minus(BACKDATED)),
                            Date.from(now.plus(OWN_LIFE)),
                            subject,
                            own)
                    // Nobody whom it signs may sign in turn.
                    .addExtension(Extension.basicConstraints, true, new BasicConstraints(0))
                    .addExtension(Extension.keyUsage, true, new KeyUsage(KeyUsage.keyCertSign | KeyUsage.cRLSign))
                    .addExtension(
                            Extension.subjectKeyIdentifier,
                            false,
                            new JcaX509ExtensionUtils().createSubjectKeyIdentifier(own));
            return new JcaX509CertificateConverter().getCertificate(builder.build(signer(key)));
        } catch (OperatorCreationException | CertIOException e) {
            throw new IllegalStateException("the authority's own certificate cannot be signed", e);
        }
    }

    private static PublicKey publicOf(PrivateKey key) throws GeneralSecurityException {
        ECPrivateKey secret = (ECPrivateKey) key;
        org.bouncycastle.math.ec.ECPoint point = ECNamedCurveTable.getByName(CURVE)
                .getG()
                .multiply(secret.getS())
                .normalize();
        ECPoint known = new ECPoint(
                point.getAffineXCoord().toBigInteger(), point.getAffineYCoord().toBigInteger());
        return KeyFactory.getInstance("EC").generatePublic(new ECPublicKeySpec(known, secret.getParams()));
    }

    private static ContentSigner signer(PrivateKey key) throws OperatorCreationException {
        return new JcaContentSignerBuilder(ALGORITHM).build(key);
    }

    static KeyPair newKeys() {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
            generator.initialize(new ECGenParameterSpec(CURVE));
            return generator.generateKeyPair();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java runtime has EC P-256", e);
        }
    }

    private static PrivateKey privateKey(Path file) throws IOException, GeneralSecurityException {
        List<byte[]> keys = PemText.blocks(PemText.KEY, Files.readString(file));
        if (keys.size() != 1) {
            throw new IOException(file + " holds " + keys.size() + " keys, not one (PKCS#8, not encrypted)");
        }
        return KeyFactory.getInstance("EC").generatePrivate(new PKCS8EncodedKeySpec(keys.get(0)));
    }

    static List<X509Certificate> certificates(String pem, Path whence) throws IOException, GeneralSecurityException {
        List<X509Certificate> all = new ArrayList<>();
        CertificateFactory factory = CertificateFactory.getInstance("X.509");
        for (byte[] der : PemText.blocks(PemText.CERTIFICATE, pem)) {
            all.add((X509Certificate) factory.generateCertificate(new ByteArrayInputStream(der)));
        }
        if (all.isEmpty()) {
            throw new IOException(whence + " holds no certificate");
        }
        return all;
    }

    private static boolean belongTogether(PrivateKey secret, PublicKey known) throws GeneralSecurityException {
        if (!known.getAlgorithm().equals("EC")) {
            return false;
        }
        byte[] proof = new byte[] {1};
        Signature signature = Signature.getInstance(ALGORITHM);
        signature.initSign(secret);
        signature.update(proof);
        byte[] signed = signature.sign();
        return verifies(known, proof, signed);
    }

    /** Whether the owner of the key signed the text. */
    static boolean verifies(PublicKey key, byte[] text, byte[] signed) {
        try {
            Signature signature = Signature.getInstance(ALGORITHM);
            signature.initVerify(key);
            signature.update(text);
            return signature.verify(signed);
        } catch (GeneralSecurityException e) {
            // Of another kind or curve, or no signature at all.
            return false;
        }
    }

    static byte[] sha256(byte[] bytes) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(bytes);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java runtime has SHA-256", e);
        }
    }
}
