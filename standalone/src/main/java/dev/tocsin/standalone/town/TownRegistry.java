package dev.tocsin.standalone.town;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;

/** The areas, the gateway and the devices of a {@link TownPlan} as the API imports them: JSON, which is YAML too. */
final class TownRegistry {
    private static final ObjectMapper JSON = new ObjectMapper();

    private final TownPlan plan;

    TownRegistry(TownPlan plan) {
        this.plan = plan;
    }

    String json(String gateway) {
        ObjectNode registry = JSON.createObjectNode();
        ArrayNode areas = registry.putArray("areas");
        area(areas, TownPlan.DISTRICT, null, "Lake City", "湖城区");
        plan.quarters().forEach(q -> area(areas, q.id(), TownPlan.DISTRICT, q.en(), q.zh()));

        ObjectNode only = registry.putArray("gateways").addObject();
        only.put("id", gateway)
                .put("name", "Lakeside 1 · 湖滨1号网关")
                .put("area", plan.quarters().get(1).id());
        only.put("enrolment", "open");
        place(only, "湖滨街道办 · Lakeside town hall", 30.5805, 114.3205);

        ArrayNode devices = registry.putArray("devices");
        for (Fixture fixture : plan.fixtures()) {
            ObjectNode device = devices.addObject();
            device.put("id", fixture.id())
                    .put("gateway", gateway)
                    .put("profile", fixture.kind().profile());
            device.put("name", fixture.kind().label()).put("area", fixture.area());
            place(device, fixture.place(), fixture.latitude(), fixture.longitude());
        }
        try {
            return JSON.writerWithDefaultPrettyPrinter().writeValueAsString(registry);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("the town's registry cannot be written", e);
        }
    }

    private static void area(
            ArrayNode areas, String id, @org.jspecify.annotations.Nullable String parent, String en, String zh) {
        ObjectNode area = areas.addObject();
        area.put("id", id);
        if (parent != null) {
            area.put("parent", parent);
        }
        area.putObject("name").put("en", en).put("zh", zh);
    }

    private static void place(ObjectNode of, String name, double latitude, double longitude) {
        of.putObject("place").put("name", name).put("latitude", latitude).put("longitude", longitude);
    }
}
