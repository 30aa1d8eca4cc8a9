package dev.tocsin.agent.identity;

import java.io.ByteArrayOutputStream;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.PrivateKey;
import java.security.Signature;
import javax.security.auth.x500.X500Principal;

/**
 * A certification request (PKCS#10, RFC 2986) of an EC key. The Java runtime writes names and public keys in DER by
 * itself; what is left to write is a frame around them, for which a library of eight megabytes would have to be carried.
 */
final class CertificationRequest {
    private static final int SEQUENCE = 0x30;
    private static final int BIT_STRING = 0x03;
    private static final int LONG_FORM = 0x80;
    private static final byte[] VERSION_0 = {0x02, 0x01, 0x00};
    /** Attributes, tagged [0]: none. */
    private static final byte[] NO_ATTRIBUTES = {(byte) 0xa0, 0x00};
    /** Object identifier 1.2.840.10045.4.3.2 (RFC 5758). */
    private static final byte[] ECDSA_WITH_SHA256 = {
        0x06, 0x08, 0x2a, (byte) 0x86, 0x48, (byte) 0xce, 0x3d, 0x04, 0x03, 0x02
    };

    private CertificationRequest() {}

    /** In DER, signed by its own key. */
    static byte[] of(String commonName, KeyPair keys) {
        byte[] info = der(
                SEQUENCE,
                VERSION_0,
                new X500Principal("CN=" + commonName).getEncoded(),
                keys.getPublic().getEncoded(),
                NO_ATTRIBUTES);
        byte[] noUnusedBits = {0};
        return der(
                SEQUENCE,
                info,
                der(SEQUENCE, ECDSA_WITH_SHA256),
                der(BIT_STRING, noUnusedBits, sign(keys.getPrivate(), info)));
    }

    /** SHA256withECDSA. */
    static byte[] sign(PrivateKey key, byte[]... parts) {
        try {
            Signature signature = Signature.getInstance("SHA256withECDSA");
            signature.initSign(key);
            for (byte[] part : parts) {
                signature.update(part);
            }
            return signature.sign();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java runtime signs with EC P-256", e);
        }
    }

    private static byte[] der(int tag, byte[]... parts) {
        int length = 0;
        for (byte[] part : parts) {
            length += part.length;
        }
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.write(tag);
        if (length < LONG_FORM) {
            out.write(length);
        } else if (length <= 0xff) {
            out.write(LONG_FORM | 1);
            out.write(length);
        } else {
            out.write(LONG_FORM | 2);
            out.write(length >> 8);
            out.write(length);
        }
        for (byte[] part : parts) {
            out.writeBytes(part);
        }
        return out.toByteArray();
    }
}
