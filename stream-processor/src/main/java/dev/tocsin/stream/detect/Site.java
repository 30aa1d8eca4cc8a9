package dev.tocsin.stream.detect;

import dev.tocsin.profiles.alert.Place;
import dev.tocsin.profiles.profile.Profile;
import dev.tocsin.profiles.site.EffectiveRules.Effective;
import dev.tocsin.profiles.wire.Topics;
import dev.tocsin.stream.ingest.PlacedReadings;
import dev.tocsin.stream.source.UplinkMessage;
import org.apache.flink.api.common.state.MapStateDescriptor;
import org.apache.flink.api.common.state.ReadOnlyBroadcastState;
import org.apache.flink.metrics.Counter;
import org.apache.flink.metrics.MetricGroup;
import org.apache.flink.streaming.api.functions.co.BaseBroadcastProcessFunction;
import org.jspecify.annotations.Nullable;

/** What the site says of its devices: the profiles and the rules that the detectors judge by. */
public final class Site {
    private final SiteProfiles profiles;
    private final SiteRules rules;
    private final Counter unknown;

    Site(MetricGroup metrics) {
        profiles = new SiteProfiles(metrics);
        rules = new SiteRules(metrics);
        unknown = metrics.counter("readingsOfUnknownProfile");
    }

    /** Where it is kept. */
    public static MapStateDescriptor<?, ?>[] state() {
        return new MapStateDescriptor<?, ?>[] {SiteProfiles.STATE, SiteRules.STATE};
    }

    /**
     * Takes the message of a profile's or a rule set's topic.
     *
     * @return whether it changed anything
     */
    boolean learn(UplinkMessage message, BaseBroadcastProcessFunction.Context context) throws Exception {
        return Topics.isRulesState(message.topic())
                ? rules.learn(message, context.getBroadcastState(SiteRules.STATE))
                : profiles.learn(message, context.getBroadcastState(SiteProfiles.STATE));
    }

    /** By what a batch is to be judged; null where nobody has its profile, and its readings are counted. */
    @Nullable
    Effective of(PlacedReadings placed, BaseBroadcastProcessFunction.ReadOnlyContext context) throws Exception {
        Effective effective = of(placed.readings().profile(), placed.device(), placed.place(), context);
        if (effective == null) {
            unknown.inc(placed.readings().count());
        }
        return effective;
    }

    @Nullable
    Effective of(String profile, String device, Place place, BaseBroadcastProcessFunction.ReadOnlyContext context)
            throws Exception {
        return of(
                profile,
                device,
                place,
                context.getBroadcastState(SiteProfiles.STATE),
                context.getBroadcastState(SiteRules.STATE));
    }

    @Nullable
    Effective of(String profile, String device, Place place, BaseBroadcastProcessFunction.Context context)
            throws Exception {
        return of(
                profile,
                device,
                place,
                context.getBroadcastState(SiteProfiles.STATE),
                context.getBroadcastState(SiteRules.STATE));
    }

    private @Nullable Effective of(
            String id,
            String device,
            Place place,
            ReadOnlyBroadcastState<String, String> profileState,
            ReadOnlyBroadcastState<String, String> ruleState)
            throws Exception {
        Profile profile = profiles.find(id, profileState);
        return profile == null ? null : rules.of(profile, device, place, ruleState);
    }
}
