package dev.tocsin.profiles.codec;

import java.nio.charset.StandardCharsets;

/** Masks the values of fields in a JSON text by name alone, so that a text which is no JSON is masked as well. */
final class Secrets {
    private static final String MASK = "\"***\"";

    private Secrets() {}

    static byte[] mask(byte[] payload, Iterable<String> names) {
        // One character a byte: what is not masked stays what it was, in any encoding.
        String text = new String(payload, StandardCharsets.ISO_8859_1);
        for (String name : names) {
            text = mask(text, "\"" + name + "\"");
        }
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }

    private static String mask(String text, String quotedName) {
        StringBuilder masked = new StringBuilder(text.length());
        int from = 0;
        for (int at = text.indexOf(quotedName); at >= 0; at = text.indexOf(quotedName, from)) {
            int value = skipBlanks(text, at + quotedName.length());
            if (value < text.length() && text.charAt(value) == ':') {
                value = skipBlanks(text, value + 1);
                masked.append(text, from, value).append(MASK);
                from = endOfValue(text, value);
            } else {
                masked.append(text, from, value);
                from = value;
            }
        }
        return masked.append(text, from, text.length()).toString();
    }

    private static int skipBlanks(String text, int from) {
        int i = from;
        while (i < text.length() && text.charAt(i) <= ' ') {
            i++;
        }
        return i;
    }

    private static int endOfValue(String text, int from) {
        int depth = 0;
        boolean quoted = false;
        for (int i = from; i < text.length(); i++) {
            char c = text.charAt(i);
            if (quoted) {
                if (c == '\\') {
                    i++;
                } else if (c == '"') {
                    quoted = false;
                }
            } else if (c == '"') {
                quoted = true;
            } else if (c == '{' || c == '[') {
                depth++;
            } else if (c == '}' || c == ']') {
                if (depth == 0) {
                    return i;
                }
                depth--;
            } else if (c == ',' && depth == 0) {
                return i;
            }
        }
        return text.length();
    }
}
