package dev.tocsin.agent.coap;

import dev.tocsin.profiles.profile.Part;
import dev.tocsin.profiles.wire.Topics;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Where devices are that are CoAP servers. What is asked of each, its profile says. As YAML or JSON:
 *
 * <pre>{@code
 * servers:
 *   - {device: boiler-1, address: "coap://192.168.7.21"}
 *   - {device: boiler-2, address: "coaps://192.168.7.22:5684"}
 * }</pre>
 *
 * @param servers that can be asked
 * @param errors of entries that cannot, each with its place in the file
 */
record ServerList(List<Entry> servers, List<String> errors) {
    static final int MAX_SERVERS = 500;

    /**
     * One device.
     *
     * @param address scheme {@code coap} or {@code coaps}, host, and perhaps a port
     * @param profile by which a device is asked that the registry does not have; null for not to ask it
     */
    record Entry(String device, URI address, @Nullable String profile) {}

    ServerList {
        servers = List.copyOf(servers);
        errors = List.copyOf(errors);
    }

    static ServerList read(String text) {
        List<String> errors = new ArrayList<>();
        Map<String, Entry> byDevice = new LinkedHashMap<>();
        Part root = Part.root(text, errors);
        if (root != null) {
            for (Part part : root.objects("servers")) {
                Entry entry = entry(part);
                if (entry != null && byDevice.size() >= MAX_SERVERS) {
                    part.error("", "is one more than " + MAX_SERVERS);
                } else if (entry != null && byDevice.putIfAbsent(entry.device(), entry) != null) {
                    part.error("device", "'" + entry.device() + "' stands in an earlier entry");
                }
            }
            root.end();
        }
        return new ServerList(List.copyOf(byDevice.values()), errors);
    }

    private static @Nullable Entry entry(Part part) {
        String device = part.text("device");
        String address = part.text("address");
        String profile = part.optionalText("profile");
        part.end();
        if (!Topics.ID.matcher(device).matches()) {
            part.error("device", "'" + device + "' is not of the characters A-Z a-z 0-9 . _ : - (1 to 64)");
            return null;
        }
        URI uri = uri(address);
        if (uri == null) {
            part.error(
                    "address", "'" + address + "' is no coap://HOST, coap://HOST:PORT or coaps://... without a path");
            return null;
        }
        return new Entry(device, uri, profile);
    }

    private static @Nullable URI uri(String address) {
        try {
            URI uri = new URI(address);
            boolean coap = "coap".equals(uri.getScheme()) || "coaps".equals(uri.getScheme());
            boolean bare = uri.getRawPath() == null
                    || uri.getRawPath().isEmpty()
                    || uri.getRawPath().equals("/");
            return coap && uri.getHost() != null && bare && uri.getRawQuery() == null && uri.getRawUserInfo() == null
                    ? new URI(uri.getScheme(), null, uri.getHost(), uri.getPort(), null, null, null)
                    : null;
        } catch (URISyntaxException e) {
            return null;
        }
    }
}
