package dev.tocsin.cloud.identity;

import dev.tocsin.cloud.http.ApiException;

/** What a gateway is told that is not let in; an agent acts upon the codes. */
final class Refusals {
    private Refusals() {}

    static ApiException token() {
        return refusal(
                "token_wrong",
                "There is no such enrolment token for this gateway. An administrator makes one.",
                "该网关没有此入网令牌，请由管理员生成。");
    }

    static ApiException tokenExpired() {
        return refusal(
                "token_expired",
                "The enrolment token is too old. An administrator makes another one.",
                "入网令牌已过期，请由管理员重新生成。");
    }

    static ApiException tokenUsed() {
        return refusal(
                "token_used",
                "The enrolment token was used by another key. If that was not this gateway, revoke it.",
                "入网令牌已被其他密钥使用。如非本网关所为，请吊销该网关。");
    }

    static ApiException unknown() {
        return refusal(
                "identity_unknown",
                "Nobody here issued this certificate. The gateway has to be enrolled again.",
                "本平台未签发过此证书，网关须重新入网。");
    }

    static ApiException signature() {
        return refusal("signature_wrong", "The request is not signed by the key of the certificate.", "请求未由证书对应的密钥签名。");
    }

    static ApiException revoked() {
        return refusal(
                "identity_revoked",
                "The gateway was revoked. To let it in again an administrator makes an enrolment token.",
                "该网关已被吊销。如需恢复，请由管理员生成入网令牌。");
    }

    static ApiException superseded() {
        return refusal(
                "identity_superseded",
                "The gateway has a newer certificate, of another key. If that is not this gateway's, somebody has a copy of"
                        + " its identity: revoke it, and enrol it anew.",
                "该网关已有其他密钥的新证书。如非本网关所有，说明其身份已被复制：请吊销并重新入网。");
    }

    static ApiException tooLate() {
        return refusal(
                "renewal_too_late",
                "The certificate ended too long ago to be renewed. An administrator makes an enrolment token.",
                "证书过期太久，无法续期，请由管理员生成入网令牌。");
    }

    static ApiException tooMany() {
        return new ApiException(
                        429, "too_many_attempts", "The gateway was given too many certificates.", "该网关申请证书过于频繁。")
                .retryAfter(600);
    }

    private static ApiException refusal(String code, String en, String zh) {
        return new ApiException(403, code, en, zh);
    }
}
