package dev.tocsin.cloud.devices;

import dev.tocsin.profiles.desired.AreaTree.Area;
import dev.tocsin.profiles.desired.GatewayState.Enrolment;
import dev.tocsin.profiles.profile.LocalText;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.HashMap;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.Update;
import org.jspecify.annotations.Nullable;

/** Tables {@code ops.area}, {@code gateway}, {@code device} and {@code published}. */
final class RegistryStore {
    private RegistryStore() {}

    static RegistryImage load(Handle handle) {
        Map<String, Area> areas = new HashMap<>();
        handle.createQuery("select * from ops.area")
                .map((row, context) -> new Area(
                        row.getString("id"),
                        row.getString("parent"),
                        new LocalText(row.getString("name_en"), row.getString("name_zh"))))
                .forEach(area -> areas.put(area.id(), area));
        SortedMap<String, RegisteredGateway> gateways = new TreeMap<>();
        handle.createQuery("select * from ops.gateway")
                .map((row, context) -> new RegisteredGateway(
                        row.getString("id"),
                        row.getString("name"),
                        spot(row),
                        Enrolment.valueOf(row.getString("enrolment"))))
                .forEach(gateway -> gateways.put(gateway.id(), gateway));
        SortedMap<String, RegisteredDevice> devices = new TreeMap<>();
        handle.createQuery("select * from ops.device")
                .map((row, context) -> device(row))
                .forEach(device -> devices.put(device.id(), device));
        Map<String, Long> versions = new HashMap<>();
        handle.createQuery("select state, version from ops.published")
                .map((row, context) -> Map.entry(row.getString("state"), row.getLong("version")))
                .forEach(entry -> versions.put(entry.getKey(), entry.getValue()));
        return new RegistryImage(areas, gateways, devices, versions);
    }

    /** Both changing statements return whether there was anything to change, so that an import can be repeated. */
    static boolean putArea(Handle handle, Area area) {
        return handle.createUpdate("insert into ops.area as old (id, parent, name_en, name_zh)"
                                + " values (:id, :parent, :en, :zh)"
                                + " on conflict (id) do update set parent = excluded.parent, name_en = excluded.name_en,"
                                + " name_zh = excluded.name_zh"
                                + " where (old.parent, old.name_en, old.name_zh)"
                                + " is distinct from (excluded.parent, excluded.name_en, excluded.name_zh)")
                        .bind("id", area.id())
                        .bind("parent", area.parent())
                        .bind("en", area.name().en())
                        .bind("zh", area.name().zh())
                        .execute()
                > 0;
    }

    static boolean putGateway(Handle handle, RegisteredGateway gateway) {
        Update update = handle.createUpdate(
                        "insert into ops.gateway as old (id, name, area, place, latitude, longitude, enrolment)"
                                + " values (:id, :name, :area, :place, :latitude, :longitude, :enrolment)"
                                + " on conflict (id) do update set name = excluded.name, area = excluded.area,"
                                + " place = excluded.place, latitude = excluded.latitude, longitude = excluded.longitude,"
                                + " enrolment = excluded.enrolment"
                                + " where (old.name, old.area, old.place, old.latitude, old.longitude, old.enrolment)"
                                + " is distinct from (excluded.name, excluded.area, excluded.place, excluded.latitude,"
                                + " excluded.longitude, excluded.enrolment)")
                .bind("id", gateway.id())
                .bind("name", gateway.name())
                .bind("enrolment", gateway.enrolment().name());
        return bind(update, gateway.spot()).execute() > 0;
    }

    /** @param by who enrols it, where it is new */
    static boolean putDevice(Handle handle, RegisteredDevice device, String by, Instant at) {
        Update update = handle.createUpdate(
                        "insert into ops.device as old (id, gateway, profile, name, area, place, latitude,"
                                + " longitude, enrolled_by, enrolled_at)"
                                + " values (:id, :gateway, :profile, :name, :area, :place, :latitude, :longitude, :by, :at)"
                                + " on conflict (id) do update set gateway = excluded.gateway, profile = excluded.profile,"
                                + " name = excluded.name, area = excluded.area, place = excluded.place,"
                                + " latitude = excluded.latitude, longitude = excluded.longitude"
                                + " where (old.gateway, old.profile, old.name, old.area, old.place, old.latitude, old.longitude)"
                                + " is distinct from (excluded.gateway, excluded.profile, excluded.name, excluded.area,"
                                + " excluded.place, excluded.latitude, excluded.longitude)")
                .bind("id", device.id())
                .bind("gateway", device.gateway())
                .bind("profile", device.profile())
                .bind("name", device.name())
                .bind("by", by)
                .bind("at", at.atOffset(ZoneOffset.UTC));
        return bind(update, device.spot()).execute() > 0;
    }

    /** The next version of a published state, at least the milliseconds of now. */
    static void raiseVersion(Handle handle, String state, long nowMs) {
        handle.createUpdate("insert into ops.published as old (state, version) values (:state, :now)"
                        + " on conflict (state) do update set version = greatest(old.version + 1, excluded.version)")
                .bind("state", state)
                .bind("now", nowMs)
                .execute();
    }

    private static Update bind(Update update, @Nullable Spot spot) {
        return update.bind("area", spot == null ? null : spot.area())
                .bind("place", spot == null ? "" : spot.name())
                .bind("latitude", spot == null ? null : spot.latitude())
                .bind("longitude", spot == null ? null : spot.longitude());
    }

    private static RegisteredDevice device(ResultSet row) throws SQLException {
        Spot spot = row.getString("area") == null ? null : spot(row);
        return new RegisteredDevice(
                row.getString("id"), row.getString("gateway"), row.getString("profile"), row.getString("name"), spot);
    }

    private static Spot spot(ResultSet row) throws SQLException {
        return new Spot(
                row.getString("area"),
                row.getString("place"),
                row.getObject("latitude", Double.class),
                row.getObject("longitude", Double.class));
    }
}
