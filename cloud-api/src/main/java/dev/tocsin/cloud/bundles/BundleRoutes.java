package dev.tocsin.cloud.bundles;

import dev.tocsin.cloud.devices.Presences;
import dev.tocsin.cloud.http.Call;
import dev.tocsin.cloud.http.Routes;
import dev.tocsin.profiles.bundle.BundleManifest;
import dev.tocsin.profiles.desired.GatewayStatus;
import dev.tocsin.profiles.desired.UpdateProgress;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Bundles as administrators upload and gateways fetch them, and who is to run which. */
public final class BundleRoutes {
    private final AgentUpdates updates;
    private final Presences presences;

    record Wanted(String version) {}

    /** @param running what the gateway says it runs; progress also of an order that is not the newest any more */
    record UpdateView(
            OrderedUpdate order,
            @Nullable String running,
            @Nullable UpdateProgress progress) {}

    public BundleRoutes(AgentUpdates updates, Presences presences) {
        this.updates = updates;
        this.presences = presences;
    }

    public void addTo(Routes routes) {
        routes.inline("listAgentBundles", call -> Map.of("bundles", updates.bundles()));
        // Compressed it holds less than unpacked; its table of contents comes on top.
        routes.upload(
                "putAgentBundle",
                BundleManifest.MAX_BYTES,
                (call, file) -> updates.put(call, call.path("version"), file));
        routes.download("getAgentBundle", call -> updates.file(updates.bundle(call.path("version"))));
        routes.blocking("deleteAgentBundle", this::delete);
        routes.inline(
                "listAgentUpdates",
                call -> Map.of(
                        "updates", updates.orders().stream().map(this::view).toList()));
        routes.blocking(
                "orderAgentUpdate",
                call -> view(updates.order(
                        call, call.path("id"), call.body(Wanted.class).version())));
    }

    private @Nullable Object delete(Call call) {
        updates.remove(call, call.path("version"));
        return null;
    }

    private UpdateView view(OrderedUpdate order) {
        GatewayStatus status = presences.statusOf(order.gateway());
        return new UpdateView(
                order, status == null ? null : status.agentVersion(), status == null ? null : status.update());
    }
}
