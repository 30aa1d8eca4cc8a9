package dev.tocsin.profiles.correlate;

import dev.tocsin.profiles.alert.Alert;
import dev.tocsin.profiles.alert.AlertKind;
import dev.tocsin.profiles.alert.AlertState;
import dev.tocsin.profiles.alert.Correlation;
import dev.tocsin.profiles.alert.Correlation.Confirmation;
import dev.tocsin.profiles.alert.Correlation.Witness;
import dev.tocsin.profiles.alert.Severity;
import dev.tocsin.profiles.correlate.CorrelationRules.Coincidence;
import dev.tocsin.profiles.correlate.CorrelationRules.Flood;
import dev.tocsin.profiles.correlate.CorrelationRules.Proof;
import dev.tocsin.profiles.correlate.CorrelationRules.Sequence;
import dev.tocsin.profiles.correlate.CorrelationRules.Spreading;
import dev.tocsin.profiles.correlate.Neighbourhood.Course;
import dev.tocsin.profiles.correlate.Neighbourhood.Member;
import dev.tocsin.profiles.profile.LocalText;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** What the news of one alert means. */
final class Hearing {
    /** By how much a flood grows before its first alert is told again. */
    private static final double TELL_GROWTH = 1.25;

    private final CorrelationRules rules;
    private final Neighbourhood here;
    private final Alert news;
    private final long nowMs;
    private final Map<String, Alert> changed = new LinkedHashMap<>();

    Hearing(CorrelationRules rules, Neighbourhood here, Alert news, long nowMs) {
        this.rules = rules;
        this.here = here;
        this.news = news;
        this.nowMs = nowMs;
    }

    /** What something new was said of, as it is now. */
    Collection<Alert> changed() {
        return changed.values();
    }

    void coincidence(Coincidence rule) {
        List<Alert> near = near(rule.within(), rule.windowMs(), alert -> true);
        for (Proof proof : rule.anyOf()) {
            List<Alert> proving = near.stream()
                    .filter(alert -> Sign.anyCovers(proof.signs(), alert.rule()))
                    .toList();
            if (proving.size() > 1 && has(proving, news) && proof.isMetBy(proving)) {
                for (Alert alert : proving) {
                    boolean first = alert.id().equals(proving.get(0).id());
                    if (alert.said().confirmed() == null || first) {
                        confirm(alert, proving, rule.id(), rule.name(), rule.kind(), rule.severity());
                    }
                }
                near = near(rule.within(), rule.windowMs(), alert -> true);
            }
        }
    }

    void sequence(Sequence rule) {
        List<Alert> near = near(rule.within(), rule.windowMs(), alert -> Sign.anyCovers(rule.steps(), alert.rule()));
        for (Alert first : near) {
            if (!rule.steps().get(0).covers(first.rule()) || first.said().confirmed() != null) {
                continue;
            }
            List<Alert> chain = chain(rule, first, near);
            if (chain.size() == rule.steps().size()) {
                confirm(first, chain, rule.id(), rule.name(), rule.kind(), rule.severity());
                for (Alert follower : chain.subList(1, chain.size())) {
                    confirm(follower, chain, rule.id(), rule.name(), follower.kind(), follower.severity());
                }
            }
        }
    }

    private List<Alert> chain(Sequence rule, Alert first, List<Alert> near) {
        List<Alert> chain = new ArrayList<>(List.of(first));
        for (Alert next : near) {
            boolean follows = chain.size() < rule.steps().size()
                    && !next.onset().isBefore(chain.get(chain.size() - 1).onset())
                    && next.onset().toEpochMilli() - first.onset().toEpochMilli() <= rule.windowMs()
                    && !has(chain, next);
            if (follows && rule.steps().get(chain.size()).covers(next.rule())) {
                chain.add(next);
            }
        }
        return chain;
    }

    /** By those of the others that stand nowhere yet, as far as there is room. */
    private void confirm(Alert alert, List<Alert> all, String rule, LocalText name, AlertKind kind, Severity severity) {
        Confirmation before = alert.said().confirmed();
        List<Witness> by = new ArrayList<>(before == null ? List.of() : before.by());
        for (Alert other : all) {
            boolean stands = by.stream().anyMatch(witness -> witness.alert().equals(other.id()));
            if (!other.id().equals(alert.id()) && !stands && by.size() < Correlation.MAX_WITNESSES) {
                by.add(Witness.of(other));
            }
        }
        if (before != null && by.size() == before.by().size()) {
            return;
        }
        Confirmation now = before == null
                ? new Confirmation(
                        rule, rules.version(), name, all.get(all.size() - 1).onset(), by)
                : new Confirmation(before.rule(), before.version(), before.name(), before.at(), by);
        Correlation said = alert.said().confirmed(now);
        say(alert.correlated(
                kind, worse(alert.severity(), severity), before == null ? said.urgentSince(news.revision()) : said));
    }

    void spreading(Spreading rule) {
        if (!Sign.anyCovers(rule.of(), news.rule())) {
            return;
        }
        Course before = course(rule.id(), rule.within(), "", rule.windowMs());
        Course now = before == null
                ? begin(rule.id(), rule.within(), "")
                : new Course(
                        before.rule(),
                        before.scope(),
                        "",
                        before.drill(),
                        before.origin(),
                        before.place(),
                        with(before.devices(), news.device()),
                        with(before.places(), news.place().name()),
                        0,
                        0,
                        Math.min(before.firstMs(), onsetMs(news)),
                        Math.max(before.lastMs(), onsetMs(news)),
                        nowMs);
        keep(before, now);
        boolean grew = before != null
                && (now.devices().length > before.devices().length || now.places().length > before.places().length);
        if (grew && now.devices().length > 1) {
            tellSpread(rule, now);
        }
    }

    private void tellSpread(Spreading rule, Course fire) {
        Alert first = carrier(rule, fire);
        int step = rule.stepOf(fire.devices().length, fire.places().length);
        Correlation.Spread told = first.said().spread();
        Correlation said = first.said()
                .spread(new Correlation.Spread(
                        rule.id(), fire.origin(), fire.place(), fire.devices().length, fire.places().length, step));
        boolean further = step > (told == null ? 0 : told.step());
        say(first.correlated(
                first.kind(),
                step == 0
                        ? first.severity()
                        : worse(first.severity(), rule.steps().get(step - 1).severity()),
                further ? said.urgentSince(news.revision()) : said));
    }

    /** The first alert of a fire, or the oldest that is still open where the first is over. */
    private Alert carrier(Spreading rule, Course fire) {
        List<Alert> of = near(rule.within(), Long.MAX_VALUE, alert -> Sign.anyCovers(rule.of(), alert.rule())).stream()
                .filter(alert -> onsetMs(alert) >= fire.firstMs())
                .toList();
        Alert origin = of.stream()
                .filter(alert -> alert.id().equals(fire.origin()))
                .findFirst()
                .orElse(news);
        return origin.state() == AlertState.ACTIVE
                ? origin
                : of.stream()
                        .filter(alert -> alert.state() == AlertState.ACTIVE)
                        .findFirst()
                        .orElse(origin);
    }

    void flood(Flood rule) {
        // What is over when it is first heard of wakes nobody.
        if (!rule.kinds().contains(news.kind())
                || news.state() != AlertState.ACTIVE
                || news.said().group() != null) {
            return;
        }
        Course before = course(rule.id(), rule.within(), news.kind().name(), rule.windowMs());
        if (before != null) {
            join(rule, before);
            return;
        }
        List<Alert> many = near(rule.within(), rule.windowMs(), alert -> alert.kind() == news.kind()).stream()
                .filter(alert -> alert.said().group() == null)
                .toList();
        if (many.size() < rule.count()) {
            return;
        }
        Alert first = many.get(0);
        Course begun = begin(rule.id(), rule.within(), news.kind().name());
        keep(
                null,
                new Course(
                        begun.rule(),
                        begun.scope(),
                        begun.kind(),
                        begun.drill(),
                        first.id(),
                        first.place().name(),
                        new String[0],
                        new String[0],
                        many.size(),
                        many.size(),
                        onsetMs(first),
                        onsetMs(many.get(many.size() - 1)),
                        nowMs));
        many.forEach(alert -> say(grouped(alert, rule.id(), first.id(), many.size())));
    }

    private void join(Flood rule, Course before) {
        int count = before.count() + 1;
        Alert origin = here.find(before.origin());
        boolean tell = count >= before.told() * TELL_GROWTH;
        keep(
                before,
                new Course(
                        before.rule(),
                        before.scope(),
                        before.kind(),
                        before.drill(),
                        before.origin(),
                        before.place(),
                        new String[0],
                        new String[0],
                        count,
                        tell ? count : before.told(),
                        Math.min(before.firstMs(), onsetMs(news)),
                        Math.max(before.lastMs(), onsetMs(news)),
                        nowMs));
        say(grouped(current(news), rule.id(), before.origin(), count));
        if (origin != null && tell) {
            say(grouped(origin, rule.id(), before.origin(), count));
        }
    }

    private Course begin(String rule, CorrelationRules.Within within, String kind) {
        return new Course(
                rule,
                scope(within),
                kind,
                news.drill(),
                news.id(),
                news.place().name(),
                new String[] {news.device()},
                new String[] {news.place().name()},
                1,
                1,
                onsetMs(news),
                onsetMs(news),
                nowMs);
    }

    private @Nullable Course course(String rule, CorrelationRules.Within within, String kind, long windowMs) {
        for (Course course : here.courses) {
            if (course.rule().equals(rule)
                    && course.scope().equals(scope(within))
                    && course.kind().equals(kind)
                    && course.drill() == news.drill()
                    && onsetMs(news) >= course.firstMs() - windowMs
                    && onsetMs(news) <= course.lastMs() + windowMs) {
                return course;
            }
        }
        return null;
    }

    private void keep(@Nullable Course before, Course now) {
        List<Course> courses = new ArrayList<>(Arrays.asList(here.courses));
        courses.removeIf(course -> course.equals(before));
        courses.add(now);
        if (courses.size() > Neighbourhood.MAX_COURSES) {
            courses.remove(courses.stream()
                    .min(Comparator.comparingLong(Course::heardMs))
                    .orElseThrow());
        }
        here.courses = courses.toArray(Course[]::new);
    }

    private String scope(CorrelationRules.Within within) {
        return within == CorrelationRules.Within.AREA ? "" : rules.buildingOf(news);
    }

    /** Oldest first; the news among them where it fits. */
    private List<Alert> near(CorrelationRules.Within within, long windowMs, Predicate<Alert> which) {
        Predicate<Alert> isNear = rules.near(news, within);
        return Arrays.stream(here.members)
                .map(Member::alert)
                .filter(alert -> alert.drill() == news.drill()
                        && Math.abs(onsetMs(alert) - onsetMs(news)) <= windowMs
                        && which.test(alert)
                        && isNear.test(alert))
                .sorted(Neighbourhood.OLDEST_FIRST)
                .toList();
    }

    private Alert current(Alert alert) {
        Alert now = here.find(alert.id());
        return now == null ? alert : now;
    }

    private void say(Alert alert) {
        here.put(new Member(alert, nowMs), rules);
        changed.put(alert.id(), alert);
    }

    static Alert grouped(Alert alert, String rule, String origin, int count) {
        Correlation said = alert.said().grouped(new Correlation.Group(rule, origin, count));
        return alert.correlated(alert.kind(), alert.severity(), said);
    }

    static Severity worse(Severity one, Severity other) {
        return one.compareTo(other) <= 0 ? one : other;
    }

    private static String[] with(String[] names, String name) {
        LinkedHashSet<String> more = new LinkedHashSet<>(Arrays.asList(names));
        if (more.size() < Spreading.MAX_COUNTED) {
            more.add(name);
        }
        return more.toArray(String[]::new);
    }

    private static boolean has(Collection<Alert> alerts, Alert alert) {
        return alerts.stream().anyMatch(one -> one.id().equals(alert.id()));
    }

    private static long onsetMs(Alert alert) {
        return alert.onset().toEpochMilli();
    }
}
