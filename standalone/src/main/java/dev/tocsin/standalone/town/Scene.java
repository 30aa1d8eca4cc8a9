package dev.tocsin.standalone.town;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What happens in the town, by seconds since the start. The courses are those of the textbooks: a flaming fire grows
 * with the square of time (NFPA 72 Annex B, "fast": 1 MW after 150 s), and what the ceiling feels follows it.
 */
record Scene(String fireRoom, String coRoom, String doorId, String silentId) {
    static final int DOOR_FORCED_S = 20;
    static final int FIRE_S = 30;
    static final int CO_S = 35;
    static final int SILENT_S = 5;
    /** The forced door is pulled shut again. */
    private static final int DOOR_SHUT_S = 80;

    private static final double FIRE_K_PER_S2 = 0.02;
    private static final double FIRE_MOST_K = 240;
    private static final double SMOKE_AFTER_S = 12;
    private static final double CO_PPM_PER_S = 12;
    private static final double CO_MOST_PPM = 800;

    /** The conditions around a device. */
    record Air(double temperatureC, double coPpm, boolean smoke, boolean forced) {}

    boolean silent(Fixture fixture, double seconds) {
        return fixture.id().equals(silentId) && seconds >= SILENT_S;
    }

    /** A detector that notices something reports at once and often. */
    boolean hurried(Fixture fixture, double seconds) {
        return fixture.place().equals(fireRoom) && seconds >= FIRE_S
                || fixture.place().equals(coRoom) && seconds >= CO_S
                || fixture.id().equals(doorId) && seconds >= DOOR_FORCED_S && seconds < DOOR_SHUT_S + 10;
    }

    Air around(Fixture fixture, double seconds, double calmC) {
        if (fixture.place().equals(fireRoom) && seconds >= FIRE_S) {
            double burning = seconds - FIRE_S;
            double rise = Math.min(FIRE_MOST_K, FIRE_K_PER_S2 * burning * burning);
            return new Air(calmC + rise, Math.min(900, 0.15 * burning * burning), burning > SMOKE_AFTER_S, false);
        }
        if (fixture.place().equals(coRoom) && seconds >= CO_S) {
            return new Air(calmC, Math.min(CO_MOST_PPM, CO_PPM_PER_S * (seconds - CO_S)), false, false);
        }
        boolean forced = fixture.id().equals(doorId) && seconds >= DOOR_FORCED_S && seconds < DOOR_SHUT_S;
        return new Air(calmC, 1.5, false, forced);
    }

    /** What is about to happen, in the order of time, for the person who started the demonstration. */
    Map<String, String> announcement() {
        Map<String, String> lines = new LinkedHashMap<>();
        lines.put("+" + SILENT_S + " s", "a device falls silent, seen a minute later / 设备失联: " + silentId);
        lines.put("+" + DOOR_FORCED_S + " s", "a door is forced / 有人强行开门: " + doorId);
        lines.put("+" + FIRE_S + " s", "a room catches fire / 房间起火: " + fireRoom);
        lines.put("+" + CO_S + " s", "a CO leak builds / 一氧化碳泄漏: " + coRoom);
        return lines;
    }
}
