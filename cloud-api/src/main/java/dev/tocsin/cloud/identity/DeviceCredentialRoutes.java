package dev.tocsin.cloud.identity;

import dev.tocsin.cloud.database.Database;
import dev.tocsin.cloud.devices.Registry;
import dev.tocsin.cloud.http.ApiException;
import dev.tocsin.cloud.http.Call;
import dev.tocsin.cloud.http.Routes;
import dev.tocsin.cloud.login.Audit;
import dev.tocsin.profiles.wire.PasswordHash;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Instant;
import java.util.Base64;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Passwords of devices at the embedded broker. */
final class DeviceCredentialRoutes {
    private static final int PASSWORD_BYTES = 24;

    private final Database database;
    private final Registry registry;
    private final BrokerFiles files;
    private final Audit audit;
    private final Clock clock;
    private final SecureRandom random = new SecureRandom();

    /** @param password shown once */
    record CredentialView(String device, String user, String password, Instant madeAt) {}

    DeviceCredentialRoutes(Database database, Registry registry, BrokerFiles files, Audit audit, Clock clock) {
        this.database = database;
        this.registry = registry;
        this.files = files;
        this.audit = audit;
        this.clock = clock;
    }

    void addTo(Routes routes) {
        routes.blocking(
                "listDeviceCredentials",
                call -> Map.of(
                        "credentials",
                        database.read(IdentityStore::credentials).stream()
                                .map(one -> Map.of("device", one.device(), "madeAt", one.madeAt()))
                                .toList()));
        routes.blocking("makeDeviceCredential", this::make);
        routes.blocking("revokeDeviceCredential", this::revoke);
    }

    private CredentialView make(Call call) {
        String device = call.path("id");
        requireDevice(device);
        byte[] bits = new byte[PASSWORD_BYTES];
        random.nextBytes(bits);
        String password = Base64.getUrlEncoder().withoutPadding().encodeToString(bits);
        String hash = PasswordHash.of(password).toString();
        Instant now = clock.instant();
        String by = call.caller().user();
        database.write(handle -> {
            IdentityStore.putCredential(handle, device, hash, by, now);
            audit.append(handle, by, call.source(), "device_credential_made", device, "");
            return null;
        });
        files.publish();
        return new CredentialView(device, device, password, now);
    }

    private @Nullable Object revoke(Call call) {
        String device = call.path("id");
        String by = call.caller().user();
        boolean there = database.write(handle -> {
            boolean deleted = IdentityStore.deleteCredential(handle, device);
            if (deleted) {
                audit.append(handle, by, call.source(), "device_credential_revoked", device, "");
            }
            return deleted;
        });
        if (!there) {
            throw ApiException.notFound("The device '" + device + "' has no password.", "设备 “" + device + "” 没有口令。");
        }
        files.publish();
        return null;
    }

    private void requireDevice(String device) {
        if (!registry.image().devices().containsKey(device)) {
            throw ApiException.notFound("The registry has no device '" + device + "'.", "设备 “" + device + "” 未登记。");
        }
        // Each user of the broker has its sessions by its name: nobody may get at a gateway's through a device of that
        // name.
        if (registry.image().gateways().containsKey(device)) {
            throw new ApiException(
                    409, "name_taken", "A gateway has this name too: rename the device.", "网关也使用此名称，请更改设备编号。");
        }
    }
}
