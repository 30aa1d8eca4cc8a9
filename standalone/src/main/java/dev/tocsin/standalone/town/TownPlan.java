package dev.tocsin.standalone.town;

import java.util.ArrayList;
import java.util.List;

/**
 * Who stands where: three towns of the console's base map, nine buildings in each, about 200 devices. The same at every
 * start.
 */
record TownPlan(List<Quarter> quarters, List<Fixture> fixtures, Scene scene) {
    static final String DISTRICT = "lakecity";

    private static final int BUILDINGS = 9;
    private static final double CELL_DEGREES = 0.001;
    /** Devices of one building stand apart by this much, so that each has its own dot. */
    private static final double SPREAD_DEGREES = 0.00015;

    /** One town; south and west are the corner of its built-up core on the base map. */
    record Quarter(String id, String en, String zh, String streetEn, String streetZh, double south, double west) {}

    TownPlan {
        quarters = List.copyOf(quarters);
        fixtures = List.copyOf(fixtures);
    }

    static TownPlan build() {
        List<Quarter> quarters = List.of(
                new Quarter("riverside", "Riverside", "临江街道", "Quay Road", "沿江路", 30.568, 114.288),
                new Quarter("lakeside", "Lakeside", "湖滨街道", "Willow Lane", "柳荫巷", 30.572, 114.312),
                new Quarter("eastport", "Eastport", "东港街道", "Harbour Street", "港前街", 30.558, 114.338));
        List<Fixture> fixtures = new ArrayList<>();
        for (Quarter quarter : quarters) {
            for (int building = 0; building < BUILDINGS; building++) {
                furnish(fixtures, quarter, building);
            }
        }
        return new TownPlan(
                quarters,
                fixtures,
                new Scene(
                        place(quarters.get(1), 4, 2),
                        place(quarters.get(0), 2, 2),
                        "door-eastport-7",
                        "room-eastport-1"));
    }

    private static void furnish(List<Fixture> fixtures, Quarter quarter, int building) {
        int row = 2 + 4 * (building / 3);
        int column = 2 + 4 * (building % 3);
        double latitude = quarter.south() + CELL_DEGREES / 2 + CELL_DEGREES * row;
        double longitude = quarter.west() + CELL_DEGREES / 2 + CELL_DEGREES * column;
        List<Kind> kinds =
                List.of(Kind.DOOR, Kind.LEAK, Kind.HEAT, Kind.SMOKE, Kind.CO, Kind.HEAT, Kind.SMOKE, Kind.ROOM);
        int[] floors = {1, 1, 2, 2, 2, 3, 3, 2};
        for (int i = 0; i < kinds.size(); i++) {
            Kind kind = kinds.get(i);
            if (kind == Kind.LEAK && building % 2 == 1) {
                continue;
            }
            boolean upper = kind != Kind.DOOR && kind != Kind.ROOM && i > 4;
            String id = kind.idPrefix() + "-" + quarter.id() + "-" + (building + 1) + (upper ? "b" : "");
            fixtures.add(new Fixture(
                    id,
                    kind,
                    quarter.id(),
                    place(quarter, building, floors[i]),
                    latitude + SPREAD_DEGREES * (i / 3 - 1),
                    longitude + SPREAD_DEGREES * (i % 3 - 1)));
        }
    }

    private static String place(Quarter quarter, int building, int floor) {
        return quarter.streetZh() + (building + 1) + "号 " + floor + "层 · " + (building + 1) + " " + quarter.streetEn()
                + ", floor " + floor;
    }
}
