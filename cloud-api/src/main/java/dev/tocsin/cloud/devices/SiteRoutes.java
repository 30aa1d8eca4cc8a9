package dev.tocsin.cloud.devices;

import dev.tocsin.cloud.devices.DeviceRoutes.PlaceInput;
import dev.tocsin.cloud.http.Call;
import dev.tocsin.cloud.http.Routes;
import dev.tocsin.cloud.login.Audit;
import dev.tocsin.profiles.alert.Place;
import dev.tocsin.profiles.desired.AreaTree.Area;
import dev.tocsin.profiles.desired.GatewayState.Enrolment;
import dev.tocsin.profiles.desired.GatewayStatus;
import dev.tocsin.profiles.profile.LocalText;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/** Areas and gateways. */
public final class SiteRoutes {
    private final Registry registry;
    private final Presences presences;
    private final ToLongFunction<String> settingsVersion;
    private final Audit audit;

    record AreaInput(@Nullable String parent, LocalText name) {}

    record GatewayInput(String name, PlaceInput place, Enrolment enrolment) {}

    record GatewayView(
            String id,
            String name,
            Place place,
            List<LocalText> areaNames,
            Enrolment enrolment,
            int devices,
            String presence,
            @Nullable Instant onlineSince,
            @Nullable Instant lastPulseAt,
            @Nullable String agentVersion,
            @Nullable Boolean clockSynchronized,
            long registryVersion,
            @Nullable Long runningRegistryVersion,
            long settingsVersion,
            @Nullable Long runningSettingsVersion,
            @Nullable Map<String, Integer> runningProfiles,
            @Nullable Map<String, Integer> runningRuleSets,
            @Nullable List<String> onTrial,
            List<GatewayStatus.Refused> refused) {}

    /** @param settingsVersion that a gateway should run, 0 for none */
    public SiteRoutes(Registry registry, Presences presences, ToLongFunction<String> settingsVersion, Audit audit) {
        this.registry = registry;
        this.presences = presences;
        this.settingsVersion = settingsVersion;
        this.audit = audit;
    }

    public void addTo(Routes routes) {
        routes.inline("listAreas", call -> registry.image().areaTree());
        routes.blocking("putArea", this::putArea);
        routes.blocking("listGateways", call -> Map.of("gateways", gateways()));
        routes.blocking("putGateway", this::putGateway);
    }

    private Area putArea(Call call) {
        String id = call.path("id");
        AreaInput input = call.body(AreaInput.class);
        if (input.parent() != null) {
            registry.requireArea(input.parent(), "/parent");
        }
        registry.change(call.caller().user(), change -> {
            registry.requireNoCycle(id, input.parent());
            change.put(new Area(id, input.parent(), input.name()));
            audit.append(
                    change.handle(),
                    call.caller().user(),
                    call.source(),
                    "area_put",
                    id,
                    input.name().en());
        });
        return Objects.requireNonNull(registry.image().areas().get(id));
    }

    private GatewayView putGateway(Call call) {
        String id = call.path("id");
        GatewayInput input = call.body(GatewayInput.class);
        registry.requireArea(input.place().area(), "/place/area");
        registry.change(call.caller().user(), change -> {
            change.put(new RegisteredGateway(id, input.name(), input.place().toSpot(), input.enrolment()));
            audit.append(
                    change.handle(),
                    call.caller().user(),
                    call.source(),
                    "gateway_put",
                    id,
                    input.enrolment().name());
        });
        RegistryImage image = registry.image();
        return view(image, Objects.requireNonNull(image.gateways().get(id)));
    }

    private List<GatewayView> gateways() {
        RegistryImage image = registry.image();
        return image.gateways().values().stream()
                .map(gateway -> view(image, gateway))
                .toList();
    }

    private GatewayView view(RegistryImage image, RegisteredGateway gateway) {
        GatewayStatus status = presences.statusOf(gateway.id());
        Place place = image.placeOf(gateway);
        GatewayStatus online = status != null && status.online() ? status : null;
        GatewayStatus.Running running = online == null ? null : online.running();
        return new GatewayView(
                gateway.id(),
                gateway.name(),
                place,
                image.areaNames(place.areas()),
                gateway.enrolment(),
                registry.devicesOf(gateway.id()).size(),
                status == null ? "unknown" : online == null ? "offline" : "online",
                online == null ? null : online.since(),
                presences.lastPulseOf(gateway.id()),
                online == null ? null : online.agentVersion(),
                online == null ? null : online.clockSynchronized(),
                image.version(gateway.id()),
                online == null ? null : online.registryVersion(),
                settingsVersion.applyAsLong(gateway.id()),
                running == null ? null : running.settings(),
                running == null ? null : running.profiles(),
                running == null ? null : running.ruleSets(),
                running == null ? null : running.trying(),
                online == null ? List.of() : online.refused());
    }
}
