package dev.tocsin.profiles.profile;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Units by their SenML names: those of RFC 8428 and RFC 8798 that sensors of this trade use, {@code dB/m} for the
 * obscuration of smoke (EN 54-7's m), which SenML lacks, and the empty name for a state that is 1 or 0.
 */
public final class Units {
    /** {@code base = value * factor + offset}. */
    private record Unit(String base, double factor, double offset) {}

    private static final Map<String, Unit> UNITS = new LinkedHashMap<>();

    static {
        String[] bases = {
            "",
            "K",
            "%RH",
            "/",
            "Pa",
            "m",
            "m3",
            "m3/s",
            "m/s",
            "m/s2",
            "kg",
            "kg/m3",
            "s",
            "V",
            "A",
            "W",
            "J",
            "VA",
            "var",
            "Hz",
            "lx",
            "lm",
            "cd",
            "dB",
            "dBW",
            "dB/m",
            "rad",
            "deg",
            "lat",
            "lon",
            "count",
            "%EL",
            "EL",
            "1/s",
            "1/min",
            "beat/min",
            "Ohm",
            "S/m",
            "Bq",
            "Sv",
            "T",
            "N",
            "B",
            "bit",
            "bit/s",
            "pH",
            "l",
            "l/s",
            "g"
        };
        for (String base : bases) {
            UNITS.put(base, new Unit(base, 1, 0));
        }
        UNITS.put("Cel", new Unit("K", 1, 273.15));
        UNITS.put("/100", new Unit("/", 1e-2, 0));
        UNITS.put("/1000", new Unit("/", 1e-3, 0));
        UNITS.put("ppm", new Unit("/", 1e-6, 0));
        UNITS.put("ppb", new Unit("/", 1e-9, 0));
        UNITS.put("hPa", new Unit("Pa", 100, 0));
        UNITS.put("mm", new Unit("m", 1e-3, 0));
        UNITS.put("cm", new Unit("m", 1e-2, 0));
        UNITS.put("km", new Unit("m", 1e3, 0));
        UNITS.put("km/h", new Unit("m/s", 1 / 3.6, 0));
        UNITS.put("ug/m3", new Unit("kg/m3", 1e-9, 0));
        UNITS.put("ms", new Unit("s", 1e-3, 0));
        UNITS.put("min", new Unit("s", 60, 0));
        UNITS.put("h", new Unit("s", 3600, 0));
        UNITS.put("mV", new Unit("V", 1e-3, 0));
        UNITS.put("mA", new Unit("A", 1e-3, 0));
        UNITS.put("kW", new Unit("W", 1e3, 0));
        UNITS.put("kVA", new Unit("VA", 1e3, 0));
        UNITS.put("kvar", new Unit("var", 1e3, 0));
        UNITS.put("Wh", new Unit("J", 3600, 0));
        UNITS.put("kWh", new Unit("J", 3.6e6, 0));
        UNITS.put("MHz", new Unit("Hz", 1e6, 0));
        UNITS.put("dBm", new Unit("dBW", 1, -30));
    }

    private Units() {}

    public static boolean known(String unit) {
        return UNITS.containsKey(unit);
    }

    /**
     * A value in another unit of the same quantity.
     *
     * @return NaN where the two have nothing in common or one is not known
     */
    public static double convert(double value, String from, String to) {
        if (from.equals(to)) {
            return value;
        }
        Unit source = UNITS.get(from);
        Unit target = UNITS.get(to);
        if (source == null || target == null || !source.base.equals(target.base)) {
            return Double.NaN;
        }
        return (value * source.factor + source.offset - target.offset) / target.factor;
    }

    /** What to write instead of a name that is wrong in a known way; empty otherwise. */
    public static String advice(String unit) {
        return switch (unit) {
            case "%" -> " (in SenML '%' means a ratio; write '/100' or '%RH')";
            case "C", "°C", "degC" -> " (SenML writes 'Cel')";
            case "µg/m3", "µg/m³" -> " (SenML writes 'ug/m3')";
            default -> "";
        };
    }
}
