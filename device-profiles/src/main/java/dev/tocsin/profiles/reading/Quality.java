package dev.tocsin.profiles.reading;

/**
 * How far a reading may be trusted, and why not further. The code is written to the wire and to the store: it is
 * never given to another constant.
 */
public enum Quality {
    /** Taken as it is. */
    GOOD(0, Grade.GOOD),
    /** The device clock was wrong or unset; the receive time stands in. */
    CLOCK(1, Grade.UNCERTAIN),
    /** The device itself says that the value is old. */
    STALE(2, Grade.UNCERTAIN),
    /** Outside of the range that the profile gives the metric. */
    OUT_OF_RANGE(10, Grade.BAD),
    /** The same value for longer than the profile allows. */
    STUCK(11, Grade.BAD),
    /** A single sample that physics does not explain: a glitch or a bit error. */
    SPIKE(12, Grade.BAD),
    /** The device reports a fault of this sensor, or sends its fault code. */
    SENSOR_FAULT(13, Grade.BAD);

    /** The three grades of OPC UA status codes. */
    public enum Grade {
        GOOD,
        UNCERTAIN,
        BAD
    }

    private static final Quality[] BY_CODE = new Quality[16];

    static {
        for (Quality quality : values()) {
            BY_CODE[quality.code] = quality;
        }
    }

    private final byte code;
    private final Grade grade;

    Quality(int code, Grade grade) {
        this.code = (byte) code;
        this.grade = grade;
    }

    /** The number on the wire and in the store, 0 to 15. */
    public byte code() {
        return code;
    }

    public Grade grade() {
        return grade;
    }

    /** Only a reading that is not bad may raise or clear an alarm. */
    public boolean mayAlarm() {
        return grade != Grade.BAD;
    }

    /** @throws IllegalArgumentException for a code that no constant has */
    public static Quality of(int code) {
        Quality quality = code >= 0 && code < BY_CODE.length ? BY_CODE[code] : null;
        if (quality == null) {
            throw new IllegalArgumentException("unknown quality code " + code);
        }
        return quality;
    }
}
