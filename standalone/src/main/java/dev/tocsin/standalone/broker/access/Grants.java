package dev.tocsin.standalone.broker.access;

import java.util.List;

/**
 * What one user may do. Everything below {@code tocsin/} is the platform's: a right to it must be named, a wildcard in
 * the first level never gives it. What begins with a dollar is the broker's own and nobody's.
 *
 * @param publish filters that a published topic must fall under
 * @param subscribe filters that must cover a subscription whole
 * @param reserved whether the wildcards in this user's filters reach below {@code tocsin/} too
 */
record Grants(List<TopicFilter> publish, List<TopicFilter> subscribe, boolean reserved) {
    private static final String PLATFORM_ROOT = "tocsin";
    /** Every contract is versioned: a device whose filter is {@code +/events/rpc} asks for nothing of ours. */
    private static final TopicFilter PLATFORM_TOPICS = TopicFilter.of("tocsin/v1/#");

    Grants {
        publish = List.copyOf(publish);
        subscribe = List.copyOf(subscribe);
    }

    boolean mayPublish(String topic) {
        TopicFilter asked = TopicFilter.of(topic);
        return allowed(publish, asked, isBelowPlatformRoot(asked));
    }

    boolean maySubscribe(String filter) {
        TopicFilter asked = TopicFilter.of(filter);
        return allowed(subscribe, asked, isBelowPlatformRoot(asked) || asked.overlaps(PLATFORM_TOPICS));
    }

    private boolean allowed(List<TopicFilter> granted, TopicFilter asked, boolean touchesPlatform) {
        if (asked.levels().get(0).startsWith("$")) {
            return false;
        }
        for (TopicFilter filter : granted) {
            boolean named = isBelowPlatformRoot(filter);
            if (filter.covers(asked) && (!touchesPlatform || named || reserved)) {
                return true;
            }
        }
        return false;
    }

    private static boolean isBelowPlatformRoot(TopicFilter filter) {
        return filter.levels().get(0).equals(PLATFORM_ROOT);
    }
}
