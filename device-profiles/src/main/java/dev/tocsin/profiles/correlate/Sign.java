package dev.tocsin.profiles.correlate;

import java.util.List;
import java.util.regex.Pattern;

/**
 * What an alert is a sign of, by its rule.
 *
 * @param rules each {@code PROFILE/RULE}, {@code *}{@code /RULE} or {@code PROFILE/*}
 */
public record Sign(String name, List<String> rules) {
    static final Pattern RULE = Pattern.compile("(\\*|[A-Za-z0-9._:-]{1,64})/(\\*|[A-Za-z0-9._:-]{1,64})");

    public Sign {
        rules = List.copyOf(rules);
    }

    boolean covers(String rule) {
        for (String pattern : rules) {
            if (pattern.startsWith("*/")
                    ? rule.endsWith(pattern.substring(1))
                    : pattern.endsWith("/*")
                            ? rule.startsWith(pattern.substring(0, pattern.length() - 1))
                            : rule.equals(pattern)) {
                return true;
            }
        }
        return false;
    }

    static boolean anyCovers(List<Sign> signs, String rule) {
        for (Sign sign : signs) {
            if (sign.covers(rule)) {
                return true;
            }
        }
        return false;
    }
}
