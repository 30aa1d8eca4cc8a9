package dev.tocsin.profiles.site;

import dev.tocsin.profiles.alert.AlertKind;
import dev.tocsin.profiles.detect.Rule;
import dev.tocsin.profiles.profile.Metric;
import dev.tocsin.profiles.profile.Profile;
import dev.tocsin.profiles.profile.ProfileCatalog;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.stream.Stream;

/**
 * What a site changes of the rules of some of its devices, and the rules that it adds to them: retained on
 * {@link dev.tocsin.profiles.wire.Topics#stateOfRules}. A higher version replaces a lower one. One that is empty has no
 * effect: so is one published that was removed, because an agent that is away does not hear of a message that is gone.
 *
 * @param version from {@link #FIRST_VERSION}; all of a site are drawn from one counter
 * @param added their ids are {@code SET/RULE}
 */
public record RuleSet(String id, int version, Scope scope, List<Change> changes, List<Added> added) {
    /** An alert's rule version tells by it whether it is a profile's or a rule set's. */
    public static final int FIRST_VERSION = 1_000_000;
    /** Of one site, at a time. */
    public static final int MAX_SETS = 500;

    /**
     * A rule of the site's own.
     *
     * @param unit that the metric must have for the rule to apply
     */
    public record Added(Rule rule, String unit) {
        boolean appliesTo(Profile profile) {
            Metric metric = profile.metrics().get(rule.metric());
            return metric != null && metric.unit().equals(unit);
        }
    }

    public RuleSet {
        changes = List.copyOf(changes);
        added = List.copyOf(added);
    }

    /**
     * Reads one; YAML or JSON.
     *
     * @param sourceName how errors name the text
     * @throws RuleSetException naming all that is wrong (of very much, the first of it), each with its path
     */
    public static RuleSet parse(String yamlOrJson, String sourceName) throws RuleSetException {
        return RuleSetReader.read(yamlOrJson, sourceName);
    }

    public boolean isEmpty() {
        return changes.isEmpty() && added.isEmpty();
    }

    /**
     * What is wrong with it in view of the profiles that there are. Whoever owns the rule sets asks before taking one.
     * Those who are sent one do not: the profile that it speaks of may still be on its way to them. A change that
     * does not fit is left out by {@link EffectiveRules}.
     *
     * @param others the site's other rule sets, whose own rules it may change
     * @return each as {@code /path: what is wrong}
     */
    public List<String> misfits(ProfileCatalog profiles, Collection<RuleSet> others) {
        List<String> misfits = new ArrayList<>();
        if (id.equals("gateway") || profiles.find(id) != null) {
            misfits.add("/id: '" + id + "' is the name of rules that are not the site's");
        }
        for (int i = 0; i < added.size(); i++) {
            Rule rule = added.get(i).rule();
            if (profiles.all().stream().noneMatch(added.get(i)::appliesTo)) {
                misfits.add("/add/" + i + "/metric: no profile has " + rule.metric() + " in '"
                        + added.get(i).unit() + "'");
            }
        }
        List<RuleSet> all = Stream.concat(Stream.of(this), others.stream()).toList();
        for (int i = 0; i < changes.size(); i++) {
            Change change = changes.get(i);
            boolean known = false;
            List<String> wrong = new ArrayList<>();
            for (Profile profile : profiles.all()) {
                SilenceRule silence = SilenceRule.of(profile);
                if (silence.afterMs() > 0 && change.isAbout(silence.id())) {
                    known = true;
                    wrong.addAll(change.misfits(silence, isLifeSafety(rulesOf(profile, all))));
                }
                for (Rule rule : rulesOf(profile, all)) {
                    if (change.isAbout(rule.id())) {
                        known = true;
                        wrong.addAll(change.misfits(rule, metricOf(rule, profile)));
                    }
                }
            }
            if (!known) {
                misfits.add("/changes/" + i + "/rule: there is no rule '" + change.rule() + "'");
            }
            String path = "/changes/" + i + "/";
            wrong.stream().distinct().forEach(misfit -> misfits.add(path + misfit));
        }
        return misfits;
    }

    /** A profile's own, and those that the sets would add to it. */
    static List<Rule> rulesOf(Profile profile, Collection<RuleSet> sets) {
        List<Rule> rules = new ArrayList<>(profile.rules());
        for (RuleSet set : sets) {
            for (Added one : set.added()) {
                if (one.appliesTo(profile)) {
                    rules.add(one.rule());
                }
            }
        }
        return rules;
    }

    /** Whether a device with these rules can raise a life-safety alarm. */
    static boolean isLifeSafety(Collection<Rule> rules) {
        return rules.stream().anyMatch(rule -> rule.kind() == AlertKind.ALARM);
    }

    static Metric metricOf(Rule rule, Profile profile) {
        Metric metric = profile.metrics().get(rule.metric());
        if (metric == null) {
            throw new IllegalStateException(profile.id() + " has no metric " + rule.metric());
        }
        return metric;
    }
}
