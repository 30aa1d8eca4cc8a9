package dev.tocsin.profiles.profile;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tocsin.profiles.detect.Condition;
import dev.tocsin.profiles.detect.Condition.Exposure;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The {@code when} of a rule, to and from its text. */
final class ConditionText {
    private static final long RATE_WINDOW_MS = 60_000;
    private static final long DRIFT_OVER_MS = 14L * 86_400_000;
    /** Of carboxyhaemoglobin in fresh air at rest; textbooks give 4 to 5 hours. */
    private static final long HALF_LIFE_MS = 4L * 3_600_000;

    private static final Set<String> KINDS =
            Set.of("above", "below", "rise-per-minute", "fall-per-minute", "gates", "drift", "unusual", "fault");

    private ConditionText() {}

    /** Null after an error. */
    static @Nullable Condition read(Part rule) {
        Part part = rule.object("when");
        if (part == null) {
            return null;
        }
        List<String> given = KINDS.stream().filter(part::has).sorted().toList();
        Condition condition = null;
        if (given.size() != 1) {
            part.error(
                    "",
                    "needs one of " + String.join(", ", KINDS.stream().sorted().toList()));
            part.keys();
        } else {
            try {
                condition = read(part, given.get(0));
            } catch (IllegalArgumentException e) {
                part.error("", String.valueOf(e.getMessage()));
            }
        }
        part.end();
        return condition;
    }

    private static @Nullable Condition read(Part part, String kind) {
        return switch (kind) {
            case "above" -> {
                double limit = part.number("above");
                yield new Condition.Above(limit, part.number("clear", limit));
            }
            case "below" -> {
                double limit = part.number("below");
                yield new Condition.Below(limit, part.number("clear", limit));
            }
            case "rise-per-minute" ->
                new Condition.RateOfRise(part.number(kind), part.durationMs("window", RATE_WINDOW_MS));
            case "fall-per-minute" ->
                new Condition.RateOfFall(part.number(kind), part.durationMs("window", RATE_WINDOW_MS));
            case "drift" -> new Condition.Drift(part.number(kind), part.durationMs("over", DRIFT_OVER_MS));
            case "gates" -> exposure(part);
            case "unusual" -> new Condition.Unusual(part.number(kind));
            default -> {
                if (!part.flag("fault", true)) {
                    part.error("fault", "can only be true");
                }
                yield new Condition.Faulty();
            }
        };
    }

    private static Condition exposure(Part part) {
        List<Exposure.Gate> gates = new ArrayList<>();
        for (Part gate : part.objects("gates")) {
            gates.add(new Exposure.Gate(gate.number("value"), gate.durationMs("time", 0)));
            gate.end();
        }
        double floor = part.number("floor");
        return new Exposure(gates, floor, part.number("clear", floor), part.durationMs("half-life", HALF_LIFE_MS));
    }

    static void write(Condition condition, ObjectNode when) {
        if (condition instanceof Condition.Above above) {
            when.put("above", above.limit()).put("clear", above.clear());
        } else if (condition instanceof Condition.Below below) {
            when.put("below", below.limit()).put("clear", below.clear());
        } else if (condition instanceof Condition.RateOfRise rise) {
            when.put("rise-per-minute", rise.limit()).put("window", Part.duration(rise.windowMs()));
        } else if (condition instanceof Condition.RateOfFall fall) {
            when.put("fall-per-minute", fall.limit()).put("window", Part.duration(fall.windowMs()));
        } else if (condition instanceof Condition.Drift drift) {
            when.put("drift", drift.limit()).put("over", Part.duration(drift.overMs()));
        } else if (condition instanceof Condition.Unusual unusual) {
            when.put("unusual", unusual.limit());
        } else if (condition instanceof Exposure exposure) {
            ArrayNode gates = when.putArray("gates");
            for (Exposure.Gate gate : exposure.gates()) {
                gates.addObject().put("value", gate.value()).put("time", Part.duration(gate.timeMs()));
            }
            when.put("floor", exposure.floor())
                    .put("clear", exposure.clear())
                    .put("half-life", Part.duration(exposure.halfLifeMs()));
        } else {
            when.put("fault", true);
        }
    }
}
