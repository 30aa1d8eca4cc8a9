package dev.tocsin.profiles.correlate;

import dev.tocsin.profiles.alert.Alert;
import dev.tocsin.profiles.alert.AlertKind;
import dev.tocsin.profiles.alert.Severity;
import dev.tocsin.profiles.profile.LocalText;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * By which alerts of one place speak for each other. Written in YAML; those that come with this jar are
 * {@code correlations.yaml}, and a site may put its own in their stead.
 *
 * @param version grows with every change; what is confirmed names it
 * @param building what it finds first in the name of a place names the building; a name in which it finds nothing is a
 *     building of its own
 * @param signs every one that a rule speaks of
 */
public record CorrelationRules(
        int version,
        Pattern building,
        List<Sign> signs,
        Chattering chattering,
        List<Coincidence> coincidences,
        List<Sequence> sequences,
        List<Spreading> spreadings,
        List<Flood> floods) {

    private static final String BUILT_IN = "/correlations.yaml";

    /** How near alerts must be to each other. */
    public enum Within {
        /** The same innermost area. */
        AREA,
        /** The same building of the same area. */
        BUILDING
    }

    /**
     * When a rule on a device chatters (ISA-18.2: three times in a minute).
     *
     * @param raises within {@code withinMs} that make it so
     * @param quietMs without a change after which it is over
     * @param remindMs after which an alarm that still chatters calls somebody again
     */
    public record Chattering(int raises, long withinMs, long quietMs, long remindMs) {
        /** More are not remembered. */
        public static final int MAX_RAISES = 8;
    }

    /**
     * What must have been seen, all of it within the window.
     *
     * @param devices different ones, each with any of the signs; 1 where each of the signs must have been seen
     */
    public record Proof(int devices, List<Sign> signs) {
        public Proof {
            signs = List.copyOf(signs);
        }

        boolean isMetBy(List<Alert> alerts) {
            if (devices > 1) {
                return alerts.stream()
                                .filter(alert -> Sign.anyCovers(signs, alert.rule()))
                                .map(Alert::device)
                                .distinct()
                                .count()
                        >= devices;
            }
            return signs.stream().allMatch(sign -> alerts.stream().anyMatch(alert -> sign.covers(alert.rule())));
        }
    }

    /**
     * Alerts of which any proof is complete confirm each other (EN 54-2, coincidence detection). Nothing waits for it:
     * each alert has been raised by itself.
     *
     * @param kind of which each is then
     * @param severity that each has then at least
     */
    public record Coincidence(
            String id,
            LocalText name,
            Within within,
            long windowMs,
            List<Proof> anyOf,
            AlertKind kind,
            Severity severity) {
        public Coincidence {
            anyOf = List.copyOf(anyOf);
        }
    }

    /**
     * One after the other: the first is then confirmed by those that followed.
     *
     * @param windowMs from the first to the last
     * @param severity that the first has then at least
     */
    public record Sequence(
            String id,
            LocalText name,
            Within within,
            long windowMs,
            List<Sign> steps,
            AlertKind kind,
            Severity severity) {
        public Sequence {
            steps = List.copyOf(steps);
        }
    }

    /**
     * What begins somewhere and comes to more devices and places; the first alert tells how far.
     *
     * @param windowMs without another device after which the next one is a beginning of its own
     */
    public record Spreading(String id, Within within, long windowMs, List<Sign> of, List<Step> steps) {
        /** More devices or places are not counted. */
        public static final int MAX_COUNTED = 64;

        /** From so many devices in so many places on; severity that the first alert has then at least. */
        public record Step(int devices, int places, Severity severity) {}

        public Spreading {
            of = List.copyOf(of);
            steps = List.copyOf(steps);
        }

        /** From 1; 0 before the first. */
        int stepOf(int devices, int places) {
            int reached = 0;
            for (int i = 0; i < steps.size(); i++) {
                if (devices >= steps.get(i).devices() && places >= steps.get(i).places()) {
                    reached = i + 1;
                }
            }
            return reached;
        }
    }

    /**
     * Many alerts of one kind are told as one group.
     *
     * @param count of one of the kinds, within the window, that make one
     * @param windowMs also without another one after which it is over
     */
    public record Flood(String id, Within within, long windowMs, Set<AlertKind> kinds, int count) {
        public Flood {
            kinds = Set.copyOf(kinds);
        }
    }

    public CorrelationRules {
        signs = List.copyOf(signs);
        coincidences = List.copyOf(coincidences);
        sequences = List.copyOf(sequences);
        spreadings = List.copyOf(spreadings);
        floods = List.copyOf(floods);
    }

    /**
     * Reads them; JSON is YAML too.
     *
     * @param sourceName how errors name the text
     * @throws CorrelationException naming all that is wrong (of very much, the first of it), each with its path
     */
    public static CorrelationRules parse(String yamlOrJson, String sourceName) throws CorrelationException {
        return CorrelationRulesReader.read(yamlOrJson, sourceName);
    }

    /** Those that come with this jar. */
    public static CorrelationRules builtIn() {
        try (InputStream in = CorrelationRules.class.getResourceAsStream(BUILT_IN)) {
            if (in == null) {
                throw new IllegalStateException("this jar lacks " + BUILT_IN);
            }
            return parse(new String(in.readAllBytes(), StandardCharsets.UTF_8), BUILT_IN);
        } catch (IOException | CorrelationException e) {
            throw new IllegalStateException("the built-in correlation rules are wrong", e);
        }
    }

    /** How long an alert that is over may still speak for another. */
    public long longestWindowMs() {
        long longestMs = 0;
        for (Coincidence rule : coincidences) {
            longestMs = Math.max(longestMs, rule.windowMs());
        }
        for (Sequence rule : sequences) {
            longestMs = Math.max(longestMs, rule.windowMs());
        }
        for (Spreading rule : spreadings) {
            longestMs = Math.max(longestMs, rule.windowMs());
        }
        for (Flood rule : floods) {
            longestMs = Math.max(longestMs, rule.windowMs());
        }
        return longestMs;
    }

    String buildingOf(Alert alert) {
        Matcher matcher = building.matcher(alert.place().name());
        return matcher.find() ? matcher.group() : alert.place().name();
    }

    /** For alerts of one area. */
    Predicate<Alert> near(Alert alert, Within within) {
        if (within == Within.AREA) {
            return other -> true;
        }
        String here = buildingOf(alert);
        return other -> buildingOf(other).equals(here);
    }
}
