package dev.tocsin.cloud.devices;

import dev.tocsin.cloud.database.Database;
import dev.tocsin.cloud.devices.Conditions.Condition;
import dev.tocsin.cloud.http.ApiException;
import dev.tocsin.cloud.http.Call;
import dev.tocsin.cloud.http.Routes;
import dev.tocsin.cloud.login.Audit;
import dev.tocsin.profiles.alert.Place;
import dev.tocsin.profiles.alert.Severity;
import dev.tocsin.profiles.profile.LocalText;
import dev.tocsin.profiles.profile.Profile;
import dev.tocsin.profiles.site.EffectiveRules.Effective;
import dev.tocsin.profiles.site.SilenceRule;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Devices and profiles; areas and gateways are {@link SiteRoutes}'. */
public final class DeviceRoutes {
    private final Registry registry;
    private final Conditions conditions;
    private final SeenDevices seen;
    private final SiteRules rules;
    private final LastValues lastValues;
    private final Audit audit;

    record PlaceInput(
            String area,
            String name,
            @Nullable Double latitude,
            @Nullable Double longitude) {
        Spot toSpot() {
            return new Spot(area, name, latitude, longitude);
        }
    }

    record DeviceInput(
            String gateway,
            String profile,
            String name,
            @Nullable PlaceInput place) {}

    record DeviceView(
            String id,
            String gateway,
            String profile,
            LocalText profileName,
            @Nullable String category,
            String name,
            Place place,
            List<LocalText> areaNames,
            Conditions.State state,
            @Nullable Severity severity) {}

    record DevicePage(
            List<DeviceView> devices, int total, @Nullable String next) {}

    record SilenceView(
            String rule,
            long afterMs,
            Severity severity,
            @Nullable String ruleSet,
            @Nullable Instant shelvedUntil) {}

    record CommandView(String name, LocalText label, boolean takesValue) {}

    /**
     * @param rules that hold for it, after what the site changed
     * @param silence null where it never counts as silent
     */
    record DeviceDetail(
            DeviceView device,
            List<ProfileView.MetricView> metrics,
            List<ProfileView.RuleView> rules,
            @Nullable SilenceView silence,
            List<CommandView> commands,
            List<LastValues.LastValue> lastValues,
            boolean lastValuesKnown,
            List<?> alerts) {}

    public DeviceRoutes(
            Registry registry,
            Conditions conditions,
            SeenDevices seen,
            SiteRules rules,
            Database database,
            Audit audit) {
        this.registry = registry;
        this.conditions = conditions;
        this.seen = seen;
        this.rules = rules;
        this.lastValues = new LastValues(database);
        this.audit = audit;
    }

    public void addTo(Routes routes) {
        routes.blocking("listDevices", this::list);
        routes.blocking("getDevice", this::one);
        routes.blocking("putDevice", this::put);
        routes.blocking("listSeen", call -> Map.of("seen", seen.newest()));
        routes.blocking(
                "listProfiles",
                call -> Map.of(
                        "profiles",
                        registry.profiles().all().stream().map(ProfileView::of).toList()));
    }

    private DevicePage list(Call call) {
        RegistryImage image = registry.image();
        String area = call.query("area");
        String part = call.query("q");
        String after = call.query("after", "");
        int limit = call.query("limit", 1_000);
        List<DeviceView> page = new ArrayList<>();
        int total = 0;
        String next = null;
        for (RegisteredDevice device : image.devices().values()) {
            Place place = image.placeOf(device);
            if (!fits(device, place, area, part)) {
                continue;
            }
            total++;
            if (device.id().compareTo(after) > 0) {
                if (page.size() < limit) {
                    page.add(view(image, device, place));
                } else if (next == null) {
                    next = page.get(page.size() - 1).id();
                }
            }
        }
        return new DevicePage(page, total, next);
    }

    private static boolean fits(RegisteredDevice device, Place place, @Nullable String area, @Nullable String part) {
        if (area != null && !List.of(place.areas()).contains(area)) {
            return false;
        }
        if (part == null) {
            return true;
        }
        String text = device.id() + "\n" + device.name() + "\n" + place.name();
        return text.toLowerCase(Locale.ROOT).contains(part.toLowerCase(Locale.ROOT));
    }

    private DeviceDetail one(Call call) {
        RegistryImage image = registry.image();
        String id = call.path("id");
        RegisteredDevice device = image.devices().get(id);
        if (device == null) {
            throw ApiException.notFound(
                    "The registry has no device '" + id + "'. Devices that reported without being enrolled are under"
                            + " /api/v1/seen.",
                    "设备 “" + id + "” 未登记。已上报但未登记的设备见“已发现设备”。");
        }
        Profile profile = registry.profiles().find(device.profile());
        Place place = image.placeOf(device);
        Effective effective = profile == null ? null : rules.of(profile, id, place);
        List<LastValues.LastValue> values = lastValues.of(id, profile);
        return new DeviceDetail(
                view(image, device, place),
                profile == null ? List.of() : ProfileView.of(profile).metrics(),
                effective == null ? List.of() : rulesOf(effective),
                effective == null || effective.silence().afterMs() <= 0 ? null : silenceOf(effective.silence()),
                profile == null ? List.of() : commandsOf(profile),
                values == null ? List.of() : values,
                values != null,
                conditions.openAlertsOf(id));
    }

    private List<ProfileView.RuleView> rulesOf(Effective effective) {
        return effective.profile().rules().stream()
                .map(rule -> ProfileView.RuleView.of(rule, rules.setOf(rule.version())))
                .toList();
    }

    private static List<CommandView> commandsOf(Profile profile) {
        return profile.commands().values().stream()
                .map(command -> new CommandView(command.name(), command.label(), command.takesValue()))
                .toList();
    }

    private SilenceView silenceOf(SilenceRule rule) {
        return new SilenceView(
                rule.id(),
                rule.afterMs(),
                rule.severity(),
                rules.setOf(rule.version()),
                ProfileView.RuleView.time(rule.suspendedUntilMs()));
    }

    private DeviceView put(Call call) {
        String id = call.path("id");
        DeviceInput input = call.body(DeviceInput.class);
        registry.requireGateway(input.gateway(), "/gateway");
        registry.requireProfile(input.profile(), "/profile");
        PlaceInput place = input.place();
        if (place != null) {
            registry.requireArea(place.area(), "/place/area");
        }
        registry.change(call.caller().user(), change -> {
            change.put(new RegisteredDevice(
                    id, input.gateway(), input.profile(), input.name(), place == null ? null : place.toSpot()));
            audit.append(
                    change.handle(),
                    call.caller().user(),
                    call.source(),
                    "device_put",
                    id,
                    input.gateway() + " " + input.profile());
        });
        RegistryImage image = registry.image();
        RegisteredDevice device = image.devices().get(id);
        if (device == null) {
            throw new IllegalStateException(id + " was stored and is not there");
        }
        return view(image, device, image.placeOf(device));
    }

    private DeviceView view(RegistryImage image, RegisteredDevice device, Place place) {
        Profile profile = registry.profiles().find(device.profile());
        Condition condition = conditions.of(device.id());
        return new DeviceView(
                device.id(),
                device.gateway(),
                device.profile(),
                profile == null ? LocalText.of(device.profile()) : profile.name(),
                profile == null ? null : profile.category(),
                device.name(),
                place,
                image.areaNames(place.areas()),
                condition.state(),
                condition.severity());
    }
}
