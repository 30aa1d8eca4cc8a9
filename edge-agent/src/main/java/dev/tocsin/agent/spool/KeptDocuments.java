package dev.tocsin.agent.spool;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Documents that an earlier run kept, as far as they can be read: a bad one must not keep the agent from starting. */
public final class KeptDocuments {
    private static final Logger LOG = LoggerFactory.getLogger(KeptDocuments.class);

    private KeptDocuments() {}

    /** @param read throws {@link IllegalArgumentException} at what it cannot read, which is left out then */
    public static <T> Map<String, T> read(Map<String, byte[]> kept, Function<byte[], T> read) {
        Map<String, T> documents = new LinkedHashMap<>();
        kept.forEach((key, body) -> {
            try {
                documents.put(key, read.apply(body));
            } catch (IllegalArgumentException e) {
                LOG.error("what was kept of {} cannot be read and is left out: {}", key, e.getMessage());
            }
        });
        return documents;
    }
}
