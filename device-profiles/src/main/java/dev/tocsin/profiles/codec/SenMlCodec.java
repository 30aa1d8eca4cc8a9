package dev.tocsin.profiles.codec;

import dev.tocsin.profiles.codec.Harvest.Sample;
import dev.tocsin.profiles.profile.Metric;
import dev.tocsin.profiles.profile.Profile;
import dev.tocsin.profiles.profile.Units;
import dev.tocsin.profiles.reading.Rejected.Reason;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Records of a SenML pack as samples of a profile's metrics. A name is the metric's; before it may stand the device's
 * own id with {@code /} or {@code :}, or a {@code urn:dev:} name, and with {@code children} the id of a child and
 * {@code /}.
 */
final class SenMlCodec {
    private final Profile profile;
    private final String device;
    private final boolean children;
    private final DeviceDirectory directory;
    private @Nullable String urn;

    SenMlCodec(Profile profile, String device, boolean children, DeviceDirectory directory) {
        this.profile = profile;
        this.device = device;
        this.children = children;
        this.directory = directory;
    }

    /** The metrics that a pack speaks of, as far as their names can be told without a profile. */
    static Set<String> metricsOf(List<SenMlPack.Entry> entries, String device) {
        return entries.stream()
                .map(entry -> withoutPrefix(entry.name(), device))
                .collect(Collectors.toSet());
    }

    void harvest(List<SenMlPack.Entry> entries, Harvest harvest) {
        for (SenMlPack.Entry entry : entries) {
            harvest(entry, harvest);
        }
    }

    private void harvest(SenMlPack.Entry entry, Harvest harvest) {
        String name = entry.name();
        String source = device;
        int slash = name.lastIndexOf('/');
        if (children && slash > 0) {
            source = DeviceIds.legal(name.substring(0, slash));
            name = name.substring(slash + 1);
            String other = directory.profileOf(source);
            if (other != null && !other.equals(profile.id())) {
                harvest.complain(
                        Reason.INVALID_VALUE,
                        entry.at() + ": " + source + " is enrolled as a " + other + ", not below this concentrator");
                return;
            }
        } else if (!profile.metrics().containsKey(name)) {
            if (!sameUrn(name)) {
                harvest.complain(Reason.INVALID_VALUE, entry.at() + ": a second device in a pack of one device");
                return;
            }
            name = withoutPrefix(name, device);
        }
        Metric metric = profile.metrics().get(name);
        if (metric == null) {
            harvest.complain(
                    Reason.INVALID_VALUE, entry.at() + ": '" + name + "' is no metric of profile " + profile.id());
            return;
        }
        if (Double.isNaN(entry.value())) {
            harvest.complain(
                    Reason.INVALID_VALUE, entry.at() + ": " + name + " has no number and no state that can be read");
            return;
        }
        String unit = entry.unit() == null ? metric.unit() : entry.unit();
        double value = unit.isEmpty() && (entry.value() == 0 || entry.value() == 1)
                ? stateIn(metric, entry.value())
                : Units.convert(entry.value(), unit, metric.unit());
        if (!Double.isFinite(value)) {
            harvest.complain(
                    Reason.INVALID_VALUE,
                    entry.at() + ": " + name + " in '" + unit + "' is nothing in '" + metric.unit() + "'"
                            + Units.advice(unit));
            return;
        }
        harvest.take(new Sample(source, metric.name(), value, false, entry.time()));
    }

    private static double stateIn(Metric metric, double state) {
        return metric.unit().isEmpty() ? state : Double.NaN;
    }

    private boolean sameUrn(String name) {
        if (!name.startsWith("urn:dev:")) {
            return true;
        }
        String prefix = name.substring(0, lastSeparator(name) + 1);
        if (urn == null) {
            urn = prefix;
        }
        return prefix.equals(urn);
    }

    private static String withoutPrefix(String name, String device) {
        if (name.startsWith("urn:dev:")) {
            return name.substring(lastSeparator(name) + 1);
        }
        boolean own = name.length() > device.length() + 1
                && name.startsWith(device)
                && (name.charAt(device.length()) == '/' || name.charAt(device.length()) == ':');
        return own ? name.substring(device.length() + 1) : name;
    }

    private static int lastSeparator(String name) {
        return Math.max(name.lastIndexOf('/'), name.lastIndexOf(':'));
    }
}
