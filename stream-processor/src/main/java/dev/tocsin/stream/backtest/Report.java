package dev.tocsin.stream.backtest;

import dev.tocsin.profiles.desired.DesiredJson;
import dev.tocsin.stream.backtest.Comparison.Line;
import dev.tocsin.stream.backtest.Comparison.What;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** How the outcome is shown. */
public enum Report {
    /** For people: a line an alert, then the sums. */
    TABLE {
        @Override
        public String of(Backtest backtest, Backtest.Result result) {
            List<List<String>> cells = new ArrayList<>();
            cells.add(List.of("", "onset", "device", "rule", "would have", "did"));
            for (Line line : result.comparison().lines()) {
                Matched shown = line.shown();
                cells.add(List.of(
                        word(line.what()),
                        shown.onset().toString(),
                        shown.device(),
                        shown.rule(),
                        half(line.would(), shown.onset()),
                        half(line.did(), shown.onset())));
            }
            StringBuilder text = new StringBuilder();
            if (cells.size() > 1) {
                lay(cells, text);
                text.append('\n');
            }
            Comparison comparison = result.comparison();
            text.append("From %s to %s: %d same, %d new, %d gone.%n"
                    .formatted(
                            backtest.from(),
                            backtest.to(),
                            comparison.count(What.SAME),
                            comparison.count(What.NEW),
                            comparison.count(What.GONE)));
            if (comparison.notTold() > 0) {
                text.append("%d more did alarm of which archived readings tell nothing: silence, presence, a device or"
                                .formatted(comparison.notTold()))
                        .append(" a rule that is there no more.\n");
            }
            if (result.rejected() > 0) {
                text.append("%d batches of readings could not be judged.%n".formatted(result.rejected()));
            }
            return text.toString();
        }
    },
    /** For programs: one JSON object; times are ISO 8601 in UTC. */
    JSON {
        @Override
        public String of(Backtest backtest, Backtest.Result result) {
            Comparison comparison = result.comparison();
            Outcome outcome = new Outcome(
                    backtest.from(),
                    backtest.to(),
                    backtest.warmUp().toString(),
                    backtest.tolerance().toString(),
                    comparison.count(What.SAME),
                    comparison.count(What.NEW),
                    comparison.count(What.GONE),
                    comparison.notTold(),
                    result.rejected(),
                    comparison.lines().stream().map(Report::entry).toList());
            return new String(DesiredJson.write(outcome), StandardCharsets.UTF_8) + "\n";
        }
    };

    /** @return text that ends with a line's end */
    public abstract String of(Backtest backtest, Backtest.Result result);

    private record Outcome(
            Instant from,
            Instant to,
            String warmUp,
            String tolerance,
            long same,

            @com.fasterxml.jackson.annotation.JsonProperty("new")
            long added,

            long gone,
            int notTold,
            int rejected,
            List<Entry> alerts) {}

    private record Entry(
            String what,
            String device,
            String rule,
            @Nullable Half would,
            @Nullable Half did) {}

    private record Half(Instant onset, String severity, int ruleVersion) {
        static @Nullable Half of(@Nullable Matched alert) {
            return alert == null
                    ? null
                    : new Half(alert.onset(), alert.severity().name(), alert.ruleVersion());
        }
    }

    private static Entry entry(Line line) {
        Matched shown = line.shown();
        return new Entry(word(line.what()), shown.device(), shown.rule(), Half.of(line.would()), Half.of(line.did()));
    }

    private static String word(What what) {
        return what.name().toLowerCase(Locale.ROOT);
    }

    private static String half(@Nullable Matched alert, Instant shown) {
        if (alert == null) {
            return "-";
        }
        String words = alert.severity().name().toLowerCase(Locale.ROOT) + " v" + alert.ruleVersion();
        return alert.onset().equals(shown) ? words : words + " at " + alert.onset();
    }

    private static void lay(List<List<String>> cells, StringBuilder text) {
        int columns = cells.get(0).size();
        int[] widths = new int[columns];
        for (List<String> row : cells) {
            for (int i = 0; i < columns; i++) {
                widths[i] = Math.max(widths[i], row.get(i).length());
            }
        }
        for (List<String> row : cells) {
            StringBuilder line = new StringBuilder();
            for (int i = 0; i < columns; i++) {
                line.append(row.get(i)).append(" ".repeat(widths[i] - row.get(i).length() + 2));
            }
            text.append(line.toString().stripTrailing()).append('\n');
        }
    }
}
