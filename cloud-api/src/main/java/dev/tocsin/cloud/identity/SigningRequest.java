package dev.tocsin.cloud.identity;

import dev.tocsin.cloud.http.ApiException;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.PublicKey;
import java.security.interfaces.ECPublicKey;
import java.util.List;
import org.bouncycastle.asn1.x500.RDN;
import org.bouncycastle.asn1.x500.style.BCStyle;
import org.bouncycastle.asn1.x500.style.IETFUtils;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentVerifierProviderBuilder;
import org.bouncycastle.pkcs.PKCSException;
import org.bouncycastle.pkcs.jcajce.JcaPKCS10CertificationRequest;

/**
 * A certification request (PKCS#10, RFC 2986) that proved to be of the key in it. Only its key is taken over: what else a
 * gateway asks for (extensions, purposes) is not its to choose.
 */
record SigningRequest(byte[] der, PublicKey key) {
    private static final int P256_BITS = 256;

    /**
     * @param gateway that it must be for, and for nobody else
     * @throws ApiException 400 when it is none, its signature is not of its key, or its key is not EC P-256
     */
    static SigningRequest read(String pem, String gateway) {
        try {
            List<byte[]> blocks = PemText.blocks(PemText.REQUEST, pem);
            if (blocks.size() != 1) {
                throw refused("it holds " + blocks.size() + " certification requests, not one");
            }
            byte[] der = blocks.get(0);
            JcaPKCS10CertificationRequest request = new JcaPKCS10CertificationRequest(der);
            PublicKey key = request.getPublicKey();
            if (!(key instanceof ECPublicKey ec)
                    || ec.getParams().getCurve().getField().getFieldSize() != P256_BITS
                    || !ec.getParams().getOrder().equals(P256.ORDER)) {
                throw refused("its key is not EC P-256");
            }
            if (!request.isSignatureValid(new JcaContentVerifierProviderBuilder().build(key))) {
                throw refused("it is not signed by its own key");
            }
            RDN[] names = request.getSubject().getRDNs();
            if (names.length != 1
                    || names[0].isMultiValued()
                    || !names[0].getFirst().getType().equals(BCStyle.CN)
                    || !IETFUtils.valueToString(names[0].getFirst().getValue()).equals(gateway)) {
                throw refused("its subject is '" + request.getSubject() + "', not 'CN=" + gateway + "'");
            }
            return new SigningRequest(der, key);
        } catch (IOException
                | GeneralSecurityException
                | OperatorCreationException
                | PKCSException
                | IllegalArgumentException
                | IllegalStateException e) {
            // The last two: what the library throws at bytes that look like a request and are none.
            throw refused("it cannot be read: " + e.getMessage());
        }
    }

    /** SHA-256 of the key: two requests of one key are one gateway. */
    byte[] keyHash() {
        return Authority.sha256(key.getEncoded());
    }

    private static ApiException refused(String why) {
        return ApiException.invalid(
                "/csr", "The certification request is refused: " + why + ".", "证书请求被拒绝：" + why + "。");
    }

    /** The curve's parameters by which it is told from others of the same size. */
    private static final class P256 {
        private static final java.math.BigInteger ORDER =
                ((ECPublicKey) Authority.newKeys().getPublic()).getParams().getOrder();
    }
}
