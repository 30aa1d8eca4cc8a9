package dev.tocsin.cloud.commands;

import dev.tocsin.cloud.database.Database;
import dev.tocsin.cloud.devices.RegisteredDevice;
import dev.tocsin.cloud.devices.Registry;
import dev.tocsin.cloud.http.ApiException;
import dev.tocsin.cloud.http.Call;
import dev.tocsin.cloud.http.Role;
import dev.tocsin.cloud.http.Routes;
import dev.tocsin.cloud.login.Audit;
import dev.tocsin.profiles.command.Command;
import dev.tocsin.profiles.command.Command.Kind;
import java.time.Clock;
import java.time.Instant;
import java.util.EnumSet;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Commands to gateways and to devices, and what became of them. */
public final class CommandRoutes {
    /** Of one gateway; more would only expire. */
    static final int MAX_WAITING = 64;

    private static final int DEFAULT_DEADLINE_SECONDS = 60;
    private static final int LISTED = 50;
    /** What serves an alarm, and what serves the gateway itself; an administrator may do both. */
    private static final Map<Role, Set<Kind>> MAY = Map.of(
            Role.DUTY_OFFICER, EnumSet.of(Kind.SILENCE, Kind.RESET, Kind.SELF_TEST, Kind.DEVICE),
            Role.CREW,
                    EnumSet.of(Kind.SELF_TEST, Kind.READ_CONFIGURATION, Kind.DIAGNOSTICS, Kind.LOG_LEVEL, Kind.RESTART),
            Role.ADMINISTRATOR, EnumSet.allOf(Kind.class));

    private final Database database;
    private final Registry registry;
    private final Dispatch dispatch;
    private final Audit audit;
    private final Clock clock;

    record CommandInput(
            Kind kind,
            @Nullable Integer deadlineSeconds,
            @Nullable Map<String, String> arguments) {}

    public CommandRoutes(Database database, Registry registry, Dispatch dispatch, Audit audit, Clock clock) {
        this.database = database;
        this.registry = registry;
        this.dispatch = dispatch;
        this.audit = audit;
        this.clock = clock;
    }

    public void addTo(Routes routes) {
        routes.blocking("postGatewayCommand", call -> post(call, gateway(call), null));
        routes.blocking("listGatewayCommands", this::ofGateway);
        routes.blocking("postDeviceCommand", this::postToDevice);
        routes.blocking("listDeviceCommands", this::ofDevice);
        routes.blocking("getCommand", this::one);
    }

    private Map<String, Object> ofGateway(Call call) {
        String gateway = gateway(call);
        int limit = call.query("limit", LISTED);
        return Map.of("commands", database.read(handle -> CommandStore.ofGateway(handle, gateway, limit)));
    }

    private Map<String, Object> ofDevice(Call call) {
        String device = device(call).id();
        int limit = call.query("limit", LISTED);
        return Map.of("commands", database.read(handle -> CommandStore.ofDevice(handle, device, limit)));
    }

    private StoredCommand one(Call call) {
        String id = call.path("id");
        return database.read(handle -> CommandStore.find(handle, id))
                .orElseThrow(() -> ApiException.notFound("There is no command '" + id + "'.", "命令 “" + id + "” 不存在。"));
    }

    private StoredCommand postToDevice(Call call) {
        RegisteredDevice device = device(call);
        return post(call, device.gateway(), device.id());
    }

    private StoredCommand post(Call call, String gateway, @Nullable String device) {
        CommandInput input = call.body(CommandInput.class);
        if ((device == null) == input.kind().needsDevice()) {
            throw ApiException.invalid(
                    "/kind",
                    input.kind() + (device == null ? " is for a device." : " is for a gateway."),
                    input.kind() + (device == null ? " 只能下发给设备。" : " 只能下发给网关。"));
        }
        requireMay(call.caller().role(), input.kind());
        Instant now = clock.instant();
        int seconds = input.deadlineSeconds() == null ? DEFAULT_DEADLINE_SECONDS : input.deadlineSeconds();
        StoredCommand command = new StoredCommand(
                UUID.randomUUID().toString(),
                gateway,
                device,
                input.kind(),
                input.arguments() == null ? Map.of() : input.arguments(),
                now,
                now.plusSeconds(seconds),
                call.caller().user(),
                call.caller().displayName(),
                StoredCommand.State.WAITING,
                null,
                null,
                null);
        requireFit(command);
        database.write(handle -> {
            if (CommandStore.waitingOf(handle, gateway) >= MAX_WAITING) {
                throw new ApiException(
                        409,
                        "too_many_commands",
                        MAX_WAITING + " commands wait for this gateway already.",
                        "该网关已有 " + MAX_WAITING + " 条命令等待执行。");
            }
            CommandStore.insert(handle, command);
            audit.append(
                    handle,
                    command.by(),
                    call.source(),
                    "command",
                    device == null ? gateway : device,
                    command.kind() + " " + command.id() + " " + command.arguments());
            return null;
        });
        dispatch.sendSoon();
        return command;
    }

    private static void requireMay(Role role, Kind kind) {
        if (!MAY.getOrDefault(role, Set.of()).contains(kind)) {
            throw new ApiException(
                    403,
                    "role",
                    "/kind",
                    "Your role may not send the command " + kind + ". Ask an administrator.",
                    "您的角色无权下发命令 " + kind + "，请联系管理员。");
        }
    }

    /** The same that the gateway will look at. */
    private static void requireFit(StoredCommand command) {
        try {
            Command checked = command.command();
            if (checked.kind() == Kind.SILENCE || checked.kind() == Kind.LOG_LEVEL) {
                checked.number("minutes", 1, 1, 1_440);
            }
        } catch (IllegalArgumentException e) {
            throw ApiException.invalid("/arguments", String.valueOf(e.getMessage()), "命令参数有误：" + e.getMessage());
        }
    }

    private String gateway(Call call) {
        String id = call.path("id");
        if (!registry.image().gateways().containsKey(id)) {
            throw ApiException.notFound("There is no gateway '" + id + "'.", "网关 “" + id + "” 不存在。");
        }
        return id;
    }

    private RegisteredDevice device(Call call) {
        String id = call.path("id");
        RegisteredDevice device = registry.image().devices().get(id);
        if (device == null) {
            throw ApiException.notFound("The registry has no device '" + id + "'.", "设备 “" + id + "” 未登记。");
        }
        return device;
    }
}
