package dev.tocsin.cloud.devices;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import dev.tocsin.profiles.desired.AreaTree.Area;
import dev.tocsin.profiles.desired.GatewayState.Enrolment;
import dev.tocsin.profiles.profile.LocalText;
import dev.tocsin.profiles.profile.ProfileCatalog;
import dev.tocsin.profiles.wire.Topics;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The registry that a site begins with, as YAML. Lists {@code areas} (id, parent, name: en, zh), {@code gateways} (id,
 * name, area, place: name, latitude, longitude; enrolment) and {@code devices} (id, gateway, profile, name, area, place);
 * a device without an area stands where its gateway stands. Importing it again changes what differs and deletes nothing.
 *
 * @param areas parents before children
 */
public record RegistryFile(List<Area> areas, List<RegisteredGateway> gateways, List<RegisteredDevice> devices) {
    private static final ObjectMapper YAML =
            new ObjectMapper(new YAMLFactory()).enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES);

    record Point(
            @Nullable String name,
            @Nullable Double latitude,
            @Nullable Double longitude) {}

    record AreaEntry(
            @Nullable String id,
            @Nullable String parent,
            @Nullable LocalText name) {}

    record GatewayEntry(
            @Nullable String id,
            @Nullable String name,
            @Nullable String area,
            @Nullable Point place,
            @Nullable String enrolment) {}

    record DeviceEntry(
            @Nullable String id,
            @Nullable String gateway,
            @Nullable String profile,
            @Nullable String name,
            @Nullable String area,
            @Nullable Point place) {}

    record Content(
            @Nullable List<AreaEntry> areas,
            @Nullable List<GatewayEntry> gateways,
            @Nullable List<DeviceEntry> devices) {}

    /** What is wrong with a file, a line each. */
    public static final class InvalidException extends Exception {
        private static final long serialVersionUID = 1L;

        InvalidException(Path file, List<String> errors) {
            super(file + ":\n  " + String.join("\n  ", errors));
        }
    }

    /** One area and one gateway in it: what a site without a file begins with. */
    public static RegistryFile minimal(String gateway, Enrolment enrolment) {
        Area district = new Area("district", null, new LocalText("District", "辖区"));
        Spot spot = new Spot(district.id(), "", null, null);
        return new RegistryFile(
                List.of(district), List.of(new RegisteredGateway(gateway, gateway, spot, enrolment)), List.of());
    }

    /** @param otherwise enrolment of a gateway that says nothing */
    public static RegistryFile read(Path file, ProfileCatalog profiles, Enrolment otherwise)
            throws IOException, InvalidException {
        Content content;
        try {
            content = YAML.readValue(Files.readString(file), Content.class);
        } catch (JsonProcessingException e) {
            throw new InvalidException(file, List.of(e.getMessage()));
        }
        if (content == null) {
            throw new InvalidException(file, List.of("the file is empty"));
        }
        Reading reading = new Reading(profiles, otherwise);
        RegistryFile registry = reading.read(content);
        if (!reading.errors.isEmpty()) {
            throw new InvalidException(file, reading.errors);
        }
        return registry;
    }

    /** Collects every error of one file. */
    private static final class Reading {
        private final ProfileCatalog profiles;
        private final Enrolment otherwise;
        private final List<String> errors = new ArrayList<>();
        private final Set<String> areaIds = new HashSet<>();
        private final Set<String> gatewayIds = new HashSet<>();
        private final Set<String> deviceIds = new HashSet<>();

        Reading(ProfileCatalog profiles, Enrolment otherwise) {
            this.profiles = profiles;
            this.otherwise = otherwise;
        }

        RegistryFile read(Content content) {
            List<Area> areas = new ArrayList<>();
            for (AreaEntry entry : orEmpty(content.areas())) {
                String id = id("area", entry.id(), areaIds);
                if (entry.parent() != null
                        && (!areaIds.contains(entry.parent()) || entry.parent().equals(id))) {
                    errors.add("area " + id + ": parent '" + entry.parent() + "' must stand before it in the file");
                }
                areas.add(new Area(id, entry.parent(), entry.name() == null ? LocalText.of(id) : entry.name()));
            }
            List<RegisteredGateway> gateways = new ArrayList<>();
            for (GatewayEntry entry : orEmpty(content.gateways())) {
                String id = id("gateway", entry.id(), gatewayIds);
                Spot spot = spot("gateway " + id, entry.area(), entry.place());
                if (spot == null) {
                    errors.add("gateway " + id + ": area is missing");
                    continue;
                }
                gateways.add(new RegisteredGateway(id, named(entry.name(), id), spot, enrolment(id, entry)));
            }
            List<RegisteredDevice> devices = new ArrayList<>();
            for (DeviceEntry entry : orEmpty(content.devices())) {
                devices.add(device(entry));
            }
            return new RegistryFile(areas, gateways, devices);
        }

        private RegisteredDevice device(DeviceEntry entry) {
            String id = id("device", entry.id(), deviceIds);
            String gateway = Objects.requireNonNullElse(entry.gateway(), "");
            if (!gatewayIds.contains(gateway)) {
                errors.add("device " + id + ": gateway '" + gateway + "' is not in the file");
            }
            String profile = Objects.requireNonNullElse(entry.profile(), "");
            if (profiles.find(profile) == null) {
                errors.add("device " + id + ": nobody has a profile '" + profile + "'");
            }
            Spot spot = spot("device " + id, entry.area(), entry.place());
            return new RegisteredDevice(id, gateway, profile, named(entry.name(), id), spot);
        }

        private String id(String kind, @Nullable String id, Set<String> ids) {
            String given = Objects.requireNonNullElse(id, "");
            if (!Topics.ID.matcher(given).matches()) {
                errors.add(kind + " '" + given + "': an id is " + Topics.ID);
            } else if (!ids.add(given)) {
                errors.add(kind + " " + given + " stands twice in the file");
            }
            return given;
        }

        private @Nullable Spot spot(String whose, @Nullable String area, @Nullable Point point) {
            if (area == null) {
                if (point != null) {
                    errors.add(whose + ": a place needs an area");
                }
                return null;
            }
            if (!areaIds.contains(area)) {
                errors.add(whose + ": area '" + area + "' is not in the file");
            }
            if (point == null) {
                return new Spot(area, "", null, null);
            }
            range(whose + ": latitude", point.latitude(), 90);
            range(whose + ": longitude", point.longitude(), 180);
            return new Spot(area, named(point.name(), ""), point.latitude(), point.longitude());
        }

        private void range(String what, @Nullable Double degrees, double max) {
            if (degrees != null && !(Math.abs(degrees) <= max)) {
                errors.add(what + " " + degrees + " is not within -" + max + " to " + max);
            }
        }

        private Enrolment enrolment(String id, GatewayEntry entry) {
            if (entry.enrolment() == null) {
                return otherwise;
            }
            try {
                return Enrolment.valueOf(entry.enrolment().toUpperCase(Locale.ROOT));
            } catch (IllegalArgumentException e) {
                errors.add("gateway " + id + ": enrolment '" + entry.enrolment() + "' is neither open nor closed");
                return otherwise;
            }
        }

        private static String named(@Nullable String name, String otherwise) {
            return name == null || name.isBlank() ? otherwise : name;
        }

        private static <T> List<T> orEmpty(@Nullable List<T> list) {
            return list == null ? List.of() : list;
        }
    }
}
