package dev.tocsin.standalone.town;

/**
 * One device of the town.
 *
 * @param area id of its town, below the district
 * @param place building and floor, in both languages
 */
record Fixture(String id, Kind kind, String area, String place, double latitude, double longitude) {

    String topic() {
        return switch (kind) {
            case SMOKE, LEAK -> "zigbee2mqtt/" + id;
            default -> "sensors/" + id;
        };
    }
}
