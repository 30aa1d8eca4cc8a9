package dev.tocsin.cloud.bundles;

import dev.tocsin.cloud.database.Database;
import dev.tocsin.cloud.devices.DesiredState;
import dev.tocsin.cloud.devices.Registry;
import dev.tocsin.cloud.http.ApiException;
import dev.tocsin.cloud.http.Call;
import dev.tocsin.cloud.http.Caller;
import dev.tocsin.cloud.login.Audit;
import dev.tocsin.profiles.bundle.Bundle;
import dev.tocsin.profiles.bundle.BundleException;
import dev.tocsin.profiles.bundle.BundleManifest;
import dev.tocsin.profiles.desired.DesiredJson;
import dev.tocsin.profiles.desired.UpdateOrder;
import dev.tocsin.profiles.wire.Topics;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.time.Clock;
import java.time.ZoneOffset;
import java.util.List;
import java.util.function.Consumer;
import org.jdbi.v3.core.Handle;

/**
 * Bundles on the shelf and which gateway is to run which. A bundle is looked through here, so that what nobody could
 * unpack is refused at once; whether it is to be trusted only the gateways can say, which hold the vendor's keys. Safe for
 * any thread.
 */
public final class AgentUpdates implements DesiredState.Source {
    /** Bundles on the shelf; one that is not ordered any more can be removed. */
    private static final int MAX_BUNDLES = 32;

    static final String PATH = "/api/v1/agent-bundles/";

    private final Database database;
    private final Registry registry;
    private final Audit audit;
    private final Clock clock;
    private final Path folder;
    private volatile Image image = new Image(List.of(), List.of());
    private volatile Runnable onChange = () -> {};

    /** All of it at one moment, so that it can be asked while the database is away. */
    private record Image(List<StoredBundle> bundles, List<OrderedUpdate> orders) {
        Image {
            bundles = List.copyOf(bundles);
            orders = List.copyOf(orders);
        }
    }

    /** @param data folder of the API; bundles are in {@code agent-bundles} below it */
    public AgentUpdates(Database database, Registry registry, Audit audit, Path data, Clock clock) {
        this.database = database;
        this.registry = registry;
        this.audit = audit;
        this.folder = data.resolve("agent-bundles");
        this.clock = clock;
    }

    /** Reads what is stored; for the start. */
    public void load() {
        change(handle -> {});
    }

    /** One at a time, so that an image is never older than what is stored. */
    private synchronized void change(Consumer<Handle> work) {
        image = database.write(handle -> {
            work.accept(handle);
            return new Image(BundleStore.bundles(handle), BundleStore.orders(handle));
        });
        onChange.run();
    }

    List<StoredBundle> bundles() {
        return image.bundles();
    }

    List<OrderedUpdate> orders() {
        return image.orders();
    }

    /** @throws ApiException 404 when there is none of that version */
    StoredBundle bundle(String version) {
        return image.bundles().stream()
                .filter(bundle -> bundle.version().equals(version))
                .findFirst()
                .orElseThrow(() -> ApiException.notFound(
                        "There is no bundle of version '" + version + "'.", "没有版本 “" + version + "” 的升级包。"));
    }

    /** The file of a bundle that is on the shelf. */
    Path file(StoredBundle bundle) {
        return folder.resolve(bundle.sha256());
    }

    /**
     * Puts a bundle on the shelf.
     *
     * @param upload a file that this method may take away
     * @throws ApiException 400 when it is no bundle of that version; 409 when there is another one of that version
     */
    StoredBundle put(Call call, String version, Path upload) {
        StoredBundle fresh;
        try {
            fresh = look(call.caller(), version, upload);
            requireRoom(fresh, bundles());
            keep(upload, file(fresh));
        } catch (BundleException e) {
            throw ApiException.invalid("body", "It is not taken: " + e.getMessage() + ".", "升级包未被接受：" + e.getMessage());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        change(handle -> {
            if (requireRoom(fresh, BundleStore.bundles(handle))) {
                return;
            }
            BundleStore.add(handle, fresh);
            audit.append(
                    handle,
                    call.caller().user(),
                    call.source(),
                    "agent_bundle_put",
                    version,
                    "sha256 " + fresh.sha256());
        });
        return bundle(version);
    }

    /** @return whether it is there already, as it is */
    private static boolean requireRoom(StoredBundle fresh, List<StoredBundle> there) {
        String version = fresh.version();
        StoredBundle known = there.stream()
                .filter(bundle -> bundle.version().equals(version))
                .findFirst()
                .orElse(null);
        if (known != null && known.sha256().equals(fresh.sha256())) {
            return true;
        }
        if (known != null) {
            throw new ApiException(
                    409,
                    "version_taken",
                    "version",
                    "There is another bundle of version " + version
                            + ". Remove it first, or give this one its own version.",
                    "版本 " + version + " 已有另一个升级包，请先删除，或使用新的版本号。");
        }
        if (there.size() >= MAX_BUNDLES) {
            throw new ApiException(
                    409,
                    "too_many",
                    "There are " + MAX_BUNDLES + " bundles. Remove one that no gateway is to run.",
                    "已有 " + MAX_BUNDLES + " 个升级包，请删除不再使用的升级包。");
        }
        return false;
    }

    private StoredBundle look(Caller by, String version, Path upload) throws BundleException, IOException {
        BundleManifest manifest;
        try (Bundle bundle = Bundle.open(upload)) {
            manifest = bundle.manifest();
            bundle.requireIntact();
        }
        if (!manifest.version().equals(version)) {
            throw new BundleException("it is version " + manifest.version() + ", not " + version);
        }
        MessageDigest hash = Bundle.sha256();
        try (OutputStream out = new DigestOutputStream(OutputStream.nullOutputStream(), hash)) {
            Files.copy(upload, out);
        }
        return new StoredBundle(
                version,
                manifest.serial(),
                manifest.from(),
                manifest.allowDowngrade(),
                Files.size(upload),
                Bundle.hex(hash),
                by.user(),
                by.displayName(),
                clock.instant());
    }

    private void keep(Path upload, Path file) throws IOException {
        Files.createDirectories(folder);
        // The upload may be on another disk: a move from there is a copy.
        Path fresh = folder.resolve(file.getFileName() + ".new");
        Files.move(upload, fresh, StandardCopyOption.REPLACE_EXISTING);
        try (FileChannel channel = FileChannel.open(fresh, StandardOpenOption.WRITE)) {
            channel.force(true);
        }
        Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE);
        try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }

    /** @throws ApiException 404; 409 while a gateway is to run it */
    void remove(Call call, String version) {
        StoredBundle bundle = bundle(version);
        change(handle -> {
            for (OrderedUpdate order : BundleStore.orders(handle)) {
                if (order.sha256().equals(bundle.sha256())) {
                    throw new ApiException(
                            409,
                            "in_use",
                            "Gateway " + order.gateway() + " is to run version " + version
                                    + ". Order another one first.",
                            "网关 " + order.gateway() + " 已指定版本 " + version + "，请先指定其他版本。");
                }
            }
            BundleStore.remove(handle, version);
            audit.append(handle, call.caller().user(), call.source(), "agent_bundle_delete", version, "");
        });
        try {
            Files.deleteIfExists(file(bundle));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * Orders a version for a gateway; the same again makes it try again.
     *
     * @throws ApiException 404 when there is no such gateway, 400 when there is no such bundle
     */
    OrderedUpdate order(Call call, String gateway, String version) {
        if (!registry.image().gateways().containsKey(gateway)) {
            throw ApiException.notFound("There is no gateway '" + gateway + "'.", "网关 “" + gateway + "” 不存在。");
        }
        StoredBundle bundle = bundles().stream()
                .filter(one -> one.version().equals(version))
                .findFirst()
                .orElseThrow(() -> ApiException.invalid(
                        "/version",
                        "There is no bundle of version '" + version + "'. Upload it first.",
                        "没有版本 “" + version + "” 的升级包，请先上传。"));
        Caller by = call.caller();
        change(handle -> {
            BundleStore.order(
                    handle,
                    gateway,
                    bundle,
                    by.user(),
                    by.displayName(),
                    clock.instant().atOffset(ZoneOffset.UTC));
            audit.append(handle, by.user(), call.source(), "agent_update_order", gateway, "version " + version);
        });
        return orders().stream()
                .filter(order -> order.gateway().equals(gateway))
                .findFirst()
                .orElseThrow(() -> new IllegalStateException("the order was stored and is not there"));
    }

    @Override
    public List<DesiredState.Retained> retained() {
        return orders().stream()
                .map(order -> new DesiredState.Retained(
                        Topics.stateOfUpdate(order.gateway()),
                        order.id(),
                        DesiredJson.write(new UpdateOrder(
                                order.id(),
                                order.gateway(),
                                order.version(),
                                PATH + order.version(),
                                order.size(),
                                order.sha256()))))
                .toList();
    }

    @Override
    public void onChange(Runnable listener) {
        onChange = listener;
    }
}
