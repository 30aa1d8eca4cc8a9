package dev.tocsin.stream.life;

import dev.tocsin.stream.source.UplinkMessage;
import org.jspecify.annotations.Nullable;

/** What the life of every alert must hear: an agent that forgot its claims, or correlation rules of the site. */
public record News(@Nullable NewSpool spool, @Nullable UplinkMessage correlations) {

    public static News of(NewSpool spool) {
        return new News(spool, null);
    }

    public static News of(UplinkMessage correlations) {
        return new News(null, correlations);
    }
}
