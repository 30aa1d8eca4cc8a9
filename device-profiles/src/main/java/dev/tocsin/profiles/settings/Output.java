package dev.tocsin.profiles.settings;

import dev.tocsin.profiles.alert.Alert;
import dev.tocsin.profiles.alert.AlertKind;
import dev.tocsin.profiles.alert.Severity;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Something at the gateway that an alert switches on, and its end, or somebody's silence, off: a siren, a relay, a
 * program.
 *
 * @param name unique among the gateway's outputs, of {@link dev.tocsin.profiles.wire.Topics#ID}
 * @param silenceable whether a silence switches it off while its alerts stand
 * @param drills whether alerts that are drills or of kind test drive it
 * @param eachAlert whether it is driven for every alert anew, not only for the first that stands
 */
public record Output(String name, Driver driver, Scope scope, boolean silenceable, boolean drills, boolean eachAlert) {

    /** How it is reached. Where {@code on} or {@code off} is null, the order itself is sent, as JSON. */
    public sealed interface Driver {
        /** Whether an order to either is one to the same thing, however it is said. */
        default boolean reachesSameAs(Driver other) {
            if (this instanceof Mqtt mine && other instanceof Mqtt its) {
                return mine.topic().equals(its.topic());
            }
            if (this instanceof Coap mine && other instanceof Coap its) {
                return mine.uri().equals(its.uri());
            }
            return this instanceof Program mine
                    && other instanceof Program its
                    && mine.program().equals(its.program())
                    && mine.arguments().equals(its.arguments());
        }

        /** @param retain kept by the broker, for a siren that reconnects while the alert stands */
        record Mqtt(
                String topic, @Nullable String on, @Nullable String off, boolean retain) implements Driver {}

        /** @param uri {@code coap://host:port/path} */
        record Coap(
                String uri,
                Method method,
                @Nullable String on,
                @Nullable String off) implements Driver {}

        /**
         * A program of the gateway: the order is in its environment and, as JSON, on its standard input. Only the
         * gateway's own file may name one.
         *
         * @param program absolute path, which is started without a shell
         * @param timeoutMs after which it is ended and counts as failed
         */
        record Program(String program, List<String> arguments, long timeoutMs) implements Driver {
            public Program {
                arguments = List.copyOf(arguments);
            }
        }
    }

    /** Of CoAP. */
    public enum Method {
        PUT,
        POST
    }

    /** Which alerts it is for; an empty set asks for nothing. */
    public record Scope(
            Set<AlertKind> kinds, Set<Severity> severities, Set<String> areas, Set<String> devices, Set<String> rules) {
        public Scope {
            kinds = Set.copyOf(kinds);
            severities = Set.copyOf(severities);
            areas = Set.copyOf(areas);
            devices = Set.copyOf(devices);
            rules = Set.copyOf(rules);
        }

        boolean holds(Alert alert) {
            return in(kinds, alert.kind())
                    && in(severities, alert.severity())
                    && in(devices, alert.device())
                    && in(rules, alert.rule())
                    && (areas.isEmpty()
                            || List.of(alert.place().areas()).stream().anyMatch(areas::contains));
        }

        private static <T> boolean in(Set<T> asked, T given) {
            return asked.isEmpty() || asked.contains(given);
        }
    }

    /** Whether an alert drives it for as long as it is active. */
    public boolean isFor(Alert alert) {
        boolean test = alert.drill() || alert.kind() == AlertKind.TEST;
        return (drills || !test) && scope.holds(alert);
    }
}
