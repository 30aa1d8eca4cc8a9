package dev.tocsin.standalone.replay;

import dev.tocsin.profiles.profile.Profile;
import java.io.BufferedInputStream;
import java.io.BufferedReader;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.zip.GZIPInputStream;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVParser;
import org.apache.commons.csv.CSVRecord;
import org.apache.commons.csv.DuplicateHeaderMode;
import org.jspecify.annotations.Nullable;

/**
 * A CSV file (plain or gzip; separated by comma, semicolon or tab; with a decimal comma where that is not the separator)
 * as rows of a profile's metrics. Columns are matched to metrics by name, without case, punctuation and a unit in
 * brackets, unless told otherwise. For one thread.
 */
final class CsvRecording implements Closeable, Iterable<CsvRecording.Row> {
    private static final Set<String> TIME_COLUMNS = Set.of("utc", "time", "timestamp", "ts", "datetime", "date");

    /** What Excel puts before the first column's name. */
    private static final char BYTE_ORDER_MARK = '\uFEFF';

    private static final int LONGEST_HEADER = 64 * 1024;

    private final CSVParser parser;
    private final boolean decimalComma;
    private final String timeColumn;
    private final Map<String, String> metricOfColumn;
    private final List<String> unused;

    /**
     * One row; rows are numbered from 0 as they stand below the header.
     *
     * @param time epoch or relative time in the file's own words
     * @param values by metric; an empty or non-numeric cell is left out
     */
    record Row(long number, String time, Map<String, Double> values) {}

    private CsvRecording(
            CSVParser parser,
            boolean decimalComma,
            String timeColumn,
            Map<String, String> metricOfColumn,
            List<String> unused) {
        this.parser = parser;
        this.decimalComma = decimalComma;
        this.timeColumn = timeColumn;
        this.metricOfColumn = metricOfColumn;
        this.unused = unused;
    }

    /**
     * @param mapping column to metric, where the names do not match by themselves
     * @param skipped columns to leave out
     * @throws IOException when it cannot be read or no column fits; the message says which columns there are
     */
    static CsvRecording open(
            Path file, Profile profile, Map<String, String> mapping, Set<String> skipped, @Nullable String timeColumn)
            throws IOException {
        BufferedReader reader = new BufferedReader(new InputStreamReader(decompressed(file), StandardCharsets.UTF_8));
        reader.mark(1);
        if (reader.read() != BYTE_ORDER_MARK) {
            reader.reset();
        }
        reader.mark(LONGEST_HEADER);
        String header = reader.readLine();
        if (header == null) {
            throw new IOException(file + " is empty");
        }
        reader.reset();
        char separator = separatorOf(header);
        CSVParser parser = parser(reader, separator, file);
        List<String> columns = parser.getHeaderNames();
        String time = timeColumn != null ? timeColumn : timeColumnOf(columns, file);
        Map<String, String> metrics = new LinkedHashMap<>();
        List<String> unused = new ArrayList<>();
        for (String column : columns) {
            String metric = mapping.get(column);
            if (metric == null && mapping.isEmpty() && !skipped.contains(column) && !column.equals(time)) {
                metric = matching(column, profile);
            }
            if (metric != null) {
                metrics.put(column, metric);
            } else if (!column.equals(time) && !column.isBlank()) {
                unused.add(column);
            }
        }
        check(file, profile, mapping, columns, metrics, time);
        return new CsvRecording(parser, separator != ',', time, metrics, unused);
    }

    /** The one of the three that the header has most of. */
    private static char separatorOf(String header) {
        char separator = ',';
        for (char candidate : new char[] {';', '\t'}) {
            if (count(header, candidate) > count(header, separator)) {
                separator = candidate;
            }
        }
        return separator;
    }

    private static long count(String text, char wanted) {
        return text.chars().filter(c -> c == wanted).count();
    }

    private static CSVParser parser(BufferedReader reader, char separator, Path file) throws IOException {
        try {
            return CSVFormat.DEFAULT
                    .builder()
                    .setDelimiter(separator)
                    .setHeader()
                    .setSkipHeaderRecord(true)
                    .setAllowMissingColumnNames(true)
                    .setDuplicateHeaderMode(DuplicateHeaderMode.ALLOW_EMPTY)
                    .get()
                    .parse(reader);
        } catch (IllegalArgumentException e) {
            // Two columns of one name: nobody could say which is meant.
            throw new IOException("the header of " + file + " is wrong: " + e.getMessage(), e);
        }
    }

    Map<String, String> metricOfColumn() {
        return metricOfColumn;
    }

    List<String> unusedColumns() {
        return unused;
    }

    /** Rows in the order of the file; what the file itself breaks is thrown as {@link java.io.UncheckedIOException}. */
    @Override
    public Iterator<Row> iterator() {
        Iterator<CSVRecord> records = parser.iterator();
        return new Iterator<>() {
            @Override
            public boolean hasNext() {
                return records.hasNext();
            }

            @Override
            public Row next() {
                return row(records.next());
            }
        };
    }

    @Override
    public void close() throws IOException {
        parser.close();
    }

    private Row row(CSVRecord record) {
        Map<String, Double> values = new LinkedHashMap<>();
        metricOfColumn.forEach((column, metric) -> {
            String cell = record.isSet(column) ? record.get(column).strip() : "";
            Double value = number(cell);
            if (value != null) {
                values.put(metric, value);
            }
        });
        String time = record.isSet(timeColumn) ? record.get(timeColumn).strip() : "";
        return new Row(record.getRecordNumber() - 1, time, values);
    }

    private @Nullable Double number(String written) {
        String cell = decimalComma ? written.replace(',', '.') : written;
        if (cell.equalsIgnoreCase("true") || cell.equalsIgnoreCase("false")) {
            return Boolean.parseBoolean(cell.toLowerCase(Locale.ROOT)) ? 1.0 : 0.0;
        }
        try {
            double value = Double.parseDouble(cell);
            return Double.isFinite(value) ? value : null;
        } catch (NumberFormatException e) {
            return null;
        }
    }

    private static void check(
            Path file,
            Profile profile,
            Map<String, String> mapping,
            List<String> columns,
            Map<String, String> metrics,
            String time)
            throws IOException {
        for (Map.Entry<String, String> entry : mapping.entrySet()) {
            if (!columns.contains(entry.getKey())) {
                throw new IOException(file + " has no column '" + entry.getKey() + "'; it has " + columns);
            }
            if (!profile.metrics().containsKey(entry.getValue())) {
                throw new IOException("profile " + profile.id() + " has no metric '" + entry.getValue() + "'; it has "
                        + profile.metrics().keySet());
            }
        }
        if (!columns.contains(time)) {
            throw new IOException(file + " has no column '" + time + "'; it has " + columns);
        }
        if (metrics.isEmpty()) {
            throw new IOException("no column of " + file + " fits a metric of profile " + profile.id() + ": columns "
                    + columns + ", metrics " + profile.metrics().keySet() + "; say --map COLUMN=METRIC");
        }
    }

    private static String timeColumnOf(List<String> columns, Path file) throws IOException {
        for (String column : columns) {
            if (TIME_COLUMNS.contains(column.toLowerCase(Locale.ROOT))) {
                return column;
            }
        }
        throw new IOException(file + " has no time column among " + columns + "; say --time COLUMN");
    }

    private static @Nullable String matching(String column, Profile profile) {
        String wanted = bare(column);
        for (String metric : profile.metrics().keySet()) {
            if (bare(metric).equals(wanted)) {
                return metric;
            }
        }
        return null;
    }

    private static String bare(String name) {
        return name.replaceAll("[\\[(].*?[\\])]", "")
                .replaceAll("[^A-Za-z0-9]", "")
                .toLowerCase(Locale.ROOT);
    }

    private static InputStream decompressed(Path file) throws IOException {
        InputStream in = new BufferedInputStream(Files.newInputStream(file));
        return file.toString().endsWith(".gz") ? new GZIPInputStream(in) : in;
    }

    /** Turns the file's times into instants. */
    static final class Timeline {
        /** A number with the decimal comma that some languages write. */
        private static final Pattern COMMA_NUMBER = Pattern.compile("-?\\d+,\\d+");

        /** Numbers below this are seconds since the start of the recording, not since 1970 (that is 1973). */
        private static final double EPOCH_FROM_S = 1e8;

        private static final double EPOCH_MS_FROM = 1e11;

        private final @Nullable Instant start;
        private @Nullable Double origin;

        /** @param start where the first row stands on the calendar; absent: the file's own times */
        Timeline(@Nullable Instant start) {
            this.start = start;
        }

        /** @throws IOException when the row's time cannot be read, or is relative and no start was given */
        long atMs(Row row) throws IOException {
            double seconds = seconds(row);
            if (start == null) {
                if (seconds < EPOCH_FROM_S) {
                    throw new IOException("row " + row.number() + ": time " + row.time()
                            + " is relative; say where it stands on the calendar with --start INSTANT");
                }
                return Math.round(seconds * 1000);
            }
            if (origin == null) {
                origin = seconds;
            }
            return start.toEpochMilli() + Math.round((seconds - origin) * 1000);
        }

        private static double seconds(Row row) throws IOException {
            String time = row.time();
            if (COMMA_NUMBER.matcher(time).matches()) {
                time = time.replace(',', '.');
            }
            try {
                double number = Double.parseDouble(time);
                return number > EPOCH_MS_FROM ? number / 1000 : number;
            } catch (NumberFormatException e) {
                // Not a number: one of the written forms below.
            }
            String iso = time.replace(' ', 'T');
            try {
                boolean zoned = iso.endsWith("Z") || iso.matches(".*[+-]\\d\\d:?\\d\\d$");
                return java.time.OffsetDateTime.parse(zoned ? iso : iso + "Z")
                                .toInstant()
                                .toEpochMilli()
                        / 1000.0;
            } catch (java.time.format.DateTimeParseException e) {
                throw new IOException("row " + row.number() + ": '" + time + "' is no time");
            }
        }
    }
}
