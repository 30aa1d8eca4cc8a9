package dev.tocsin.profiles.detect;

import java.time.DateTimeException;
import java.time.DayOfWeek;
import java.time.Instant;
import java.time.LocalTime;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * When a rule is armed, by the clock on the wall of its place: a door that opens at noon is no break-in. Without times
 * it is always.
 *
 * @param zone whose wall clock, with its summer time
 * @param times each a span of a day or of several, such as {@code Mo-Fr 22:00-06:00} (until the next morning)
 */
public record Schedule(ZoneId zone, List<Span> times) {
    public static final Schedule ALWAYS = new Schedule(ZoneId.of("UTC"), List.of());

    private static final int MAX_TIMES = 32;
    private static final List<String> DAYS = List.of("Mo", "Tu", "We", "Th", "Fr", "Sa", "Su");
    private static final Pattern SPAN =
            Pattern.compile("(?:([A-Z][a-z])(?:-([A-Z][a-z]))? )?(\\d\\d:\\d\\d)-(\\d\\d:\\d\\d)");

    /**
     * On each of the days {@code firstDay} to {@code lastDay} (which may turn round the week's end) from {@code from};
     * an {@code until} that is not after it is on the next day, so 00:00-00:00 is the whole day.
     */
    public record Span(DayOfWeek firstDay, DayOfWeek lastDay, LocalTime from, LocalTime until) {
        boolean holdsOn(DayOfWeek day) {
            int length = Math.floorMod(lastDay.getValue() - firstDay.getValue(), 7);
            return Math.floorMod(day.getValue() - firstDay.getValue(), 7) <= length;
        }

        boolean holds(ZonedDateTime at) {
            LocalTime time = at.toLocalTime();
            boolean begun = !time.isBefore(from);
            if (until.isAfter(from)) {
                return begun && time.isBefore(until) && holdsOn(at.getDayOfWeek());
            }
            return begun
                    ? holdsOn(at.getDayOfWeek())
                    : time.isBefore(until) && holdsOn(at.getDayOfWeek().minus(1));
        }

        @Override
        public String toString() {
            return DAYS.get(firstDay.getValue() - 1) + "-" + DAYS.get(lastDay.getValue() - 1) + " " + from + "-"
                    + until;
        }
    }

    public Schedule {
        times = List.copyOf(times);
        if (times.size() > MAX_TIMES) {
            throw new IllegalArgumentException("more than " + MAX_TIMES + " times");
        }
    }

    /** @throws IllegalArgumentException naming what is no zone or no span */
    public static Schedule parse(String zone, List<String> times) {
        List<Span> spans = new ArrayList<>();
        for (String text : times) {
            spans.add(span(text));
        }
        if (spans.isEmpty()) {
            throw new IllegalArgumentException("a schedule without times arms nothing");
        }
        try {
            return new Schedule(ZoneId.of(zone), spans);
        } catch (DateTimeException e) {
            throw new IllegalArgumentException("'" + zone + "' is no time zone such as Asia/Shanghai", e);
        }
    }

    /** At an event time in ms. */
    public boolean isArmedAt(long atMs) {
        if (times.isEmpty()) {
            return true;
        }
        ZonedDateTime at = Instant.ofEpochMilli(atMs).atZone(zone);
        for (Span span : times) {
            if (span.holds(at)) {
                return true;
            }
        }
        return false;
    }

    private static Span span(String text) {
        Matcher matcher = SPAN.matcher(text);
        if (!matcher.matches()) {
            throw new IllegalArgumentException("'" + text + "' is no span such as Mo-Fr 22:00-06:00");
        }
        String first = matcher.group(1) == null ? "Mo" : matcher.group(1);
        String last = matcher.group(1) == null ? "Su" : matcher.group(2) == null ? first : matcher.group(2);
        try {
            return new Span(
                    day(first, text), day(last, text), LocalTime.parse(matcher.group(3)), time(matcher.group(4)));
        } catch (DateTimeException e) {
            throw new IllegalArgumentException("'" + text + "' holds no time of day: " + e.getMessage(), e);
        }
    }

    /** 24:00 is midnight too. */
    private static LocalTime time(String text) {
        return text.equals("24:00") ? LocalTime.MIDNIGHT : LocalTime.parse(text);
    }

    private static DayOfWeek day(String name, String text) {
        int index = DAYS.indexOf(name);
        if (index < 0) {
            throw new IllegalArgumentException("'" + text + "': " + name + " is none of "
                    + String.join(", ", DAYS).toLowerCase(Locale.ROOT));
        }
        return DayOfWeek.of(index + 1);
    }
}
