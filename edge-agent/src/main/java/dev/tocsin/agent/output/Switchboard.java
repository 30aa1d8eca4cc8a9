package dev.tocsin.agent.output;

import dev.tocsin.profiles.settings.GatewaySettings;
import dev.tocsin.profiles.settings.Output;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Which switches there are: those of the outputs in force, and those of outputs that are no more and have to be switched
 * off. What may have been switched on is kept, so that the next run knows of it. Guarded by {@link Outputs}.
 */
final class Switchboard {
    private final Keeper keeper;
    private final Map<String, Switch> inForce = new LinkedHashMap<>();
    private final List<Switch> retired = new ArrayList<>();
    /** By an earlier run, of outputs that are not in force yet; as many as there can be outputs. */
    private final Set<String> maybeOn = new LinkedHashSet<>();

    Switchboard(Keeper keeper) {
        this.keeper = keeper;
    }

    /** An earlier run may have switched it on. */
    void mayBeOn(String name) {
        Switch one = inForce.get(name);
        if (one == null) {
            maybeOn.add(name);
        } else {
            one.mayBeOn();
        }
    }

    /** @return the switches of outputs that are no more */
    List<Switch> apply(List<Output> outputs) {
        Map<String, Output> wanted = outputs.stream()
                .collect(Collectors.toMap(Output::name, output -> output, (a, b) -> b, LinkedHashMap::new));
        List<Switch> gone = new ArrayList<>();
        for (Switch one : List.copyOf(inForce.values())) {
            Output now = wanted.get(one.name());
            if (now != null && one.reaches(now)) {
                one.become(now);
            } else {
                inForce.remove(one.name());
                one.retire();
                gone.add(one);
            }
        }
        retired.addAll(gone);
        wanted.forEach((name, output) -> inForce.computeIfAbsent(name, n -> fresh(output)));
        // The others may be of settings that come again: a start goes back to the last good ones.
        while (maybeOn.size() > GatewaySettings.MAX_OUTPUTS) {
            String eldest = maybeOn.iterator().next();
            maybeOn.remove(eldest);
            seenOff(eldest);
        }
        return gone;
    }

    /** An alarm that stands goes on through a change of how its siren is reached. */
    private Switch fresh(Output output) {
        boolean mayBeOn = maybeOn.remove(output.name());
        Switch predecessor = retired.stream()
                .filter(one -> one.isPredecessorOf(output))
                .findFirst()
                .orElse(null);
        if (predecessor == null) {
            return new Switch(output, mayBeOn);
        }
        if (predecessor.isMaybeOn() && !predecessor.name().equals(output.name())) {
            switchedOn(output.name());
            seenOff(predecessor.name());
        }
        Switch successor = Switch.after(predecessor, output);
        if (mayBeOn) {
            successor.mayBeOn();
        }
        return successor;
    }

    void switchedOn(String name) {
        keeper.keep(Outputs.KIND_ON, name, "on".getBytes(StandardCharsets.UTF_8));
    }

    void seenOff(String name) {
        keeper.keep(Outputs.KIND_ON, name, null);
    }

    void forgetGone() {
        retired.removeIf(Switch::isGone);
    }

    /** Nothing when no output in force is called so. */
    @Nullable
    Switch find(String name) {
        return inForce.get(name);
    }

    Collection<Switch> inForce() {
        return inForce.values();
    }

    List<Switch> all() {
        List<Switch> all = new ArrayList<>(inForce.values());
        all.addAll(retired);
        return all;
    }
}
