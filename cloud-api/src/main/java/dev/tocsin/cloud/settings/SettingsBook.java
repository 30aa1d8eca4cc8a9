package dev.tocsin.cloud.settings;

import dev.tocsin.cloud.database.Database;
import dev.tocsin.cloud.devices.DesiredState;
import dev.tocsin.cloud.devices.Registry;
import dev.tocsin.cloud.http.ApiException;
import dev.tocsin.cloud.http.Call;
import dev.tocsin.cloud.http.Routes;
import dev.tocsin.cloud.login.Audit;
import dev.tocsin.profiles.desired.DesiredJson;
import dev.tocsin.profiles.settings.GatewaySettings;
import dev.tocsin.profiles.settings.SettingsException;
import dev.tocsin.profiles.settings.SettingsState;
import dev.tocsin.profiles.wire.Topics;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

/** Every change is a new version: a transaction, then published. Safe for any thread. */
public final class SettingsBook implements DesiredState.Source {
    private final Database database;
    private final Registry registry;
    private final Audit audit;
    private final Clock clock;
    private volatile Map<String, Version> newest = Map.of();
    private volatile Runnable onChange = () -> {};

    /** @param text empty for none */
    record Version(String gateway, long version, String text, String by, String displayName, Instant at) {}

    record SettingsInput(String text) {}

    /** @param by absent where nobody ever set anything */
    record SettingsView(
            long version,
            String text,
            @Nullable String by,
            @Nullable String displayName,
            @Nullable Instant at) {}

    public SettingsBook(Database database, Registry registry, Audit audit, Clock clock) {
        this.database = database;
        this.registry = registry;
        this.audit = audit;
        this.clock = clock;
    }

    public void addTo(Routes routes) {
        routes.inline("getGatewaySettings", call -> view(known(call)));
        routes.blocking("putGatewaySettings", this::put);
    }

    /** For the start. */
    public void load() {
        database.read(handle -> newest = stored(handle));
        onChange.run();
    }

    /** The version that the gateway should run, 0 for none. */
    public long versionOf(String gateway) {
        Version version = newest.get(gateway);
        return version == null ? 0 : version.version();
    }

    @Override
    public void onChange(Runnable listener) {
        onChange = listener;
    }

    @Override
    public List<DesiredState.Retained> retained() {
        List<DesiredState.Retained> states = new ArrayList<>();
        newest.values()
                .forEach(version -> states.add(new DesiredState.Retained(
                        Topics.stateOfSettings(version.gateway()),
                        version.version(),
                        DesiredJson.write(new SettingsState(version.version(), version.gateway(), version.text())))));
        return states;
    }

    private String known(Call call) {
        String gateway = call.path("id");
        if (!registry.image().gateways().containsKey(gateway)) {
            throw ApiException.notFound("There is no gateway '" + gateway + "'.", "网关 “" + gateway + "” 不存在。");
        }
        return gateway;
    }

    private SettingsView put(Call call) {
        String gateway = known(call);
        String text = call.body(SettingsInput.class).text();
        requireReadable(text);
        synchronized (this) {
            newest = database.write(handle -> {
                Version before = stored(handle).get(gateway);
                long version = Math.max(before == null ? 0 : before.version() + 1, clock.millis());
                append(handle, call, gateway, version, text);
                audit.append(
                        handle,
                        call.caller().user(),
                        call.source(),
                        "gateway_settings_put",
                        gateway,
                        "version " + version);
                return stored(handle);
            });
        }
        onChange.run();
        return view(gateway);
    }

    private static void requireReadable(String text) {
        try {
            GatewaySettings.parse(text, "settings", GatewaySettings.Origin.CLOUD);
        } catch (SettingsException e) {
            String first = e.errors().get(0);
            throw ApiException.invalid("/text", "The settings are wrong: " + first, "网关设置有误：" + first)
                    .withErrors(e.errors());
        }
    }

    private SettingsView view(String gateway) {
        Version version = newest.get(gateway);
        return version == null
                ? new SettingsView(0, "", null, null, null)
                : new SettingsView(
                        version.version(), version.text(), version.by(), version.displayName(), version.at());
    }

    private void append(Handle handle, Call call, String gateway, long version, String text) {
        handle.createUpdate("insert into ops.gateway_settings (gateway, version, body, user_name, display_name, at)"
                        + " values (:gateway, :version, :body, :user, :displayName, :at)")
                .bind("gateway", gateway)
                .bind("version", version)
                .bind("body", text)
                .bind("user", call.caller().user())
                .bind("displayName", call.caller().displayName())
                .bind("at", clock.instant().atOffset(ZoneOffset.UTC))
                .execute();
    }

    private static Map<String, Version> stored(Handle handle) {
        return handle
                .createQuery("select distinct on (gateway) * from ops.gateway_settings order by gateway, version desc")
                .map((row, context) -> version(row))
                .list()
                .stream()
                .collect(Collectors.toUnmodifiableMap(Version::gateway, version -> version));
    }

    private static Version version(ResultSet row) throws SQLException {
        return new Version(
                row.getString("gateway"),
                row.getLong("version"),
                row.getString("body"),
                row.getString("user_name"),
                row.getString("display_name"),
                row.getObject("at", OffsetDateTime.class).toInstant());
    }
}
