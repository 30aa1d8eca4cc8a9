package dev.tocsin.cloud.rules;

import dev.tocsin.cloud.database.Database;
import dev.tocsin.cloud.devices.DesiredState;
import dev.tocsin.cloud.devices.Registry;
import dev.tocsin.cloud.devices.RegistryImage;
import dev.tocsin.cloud.devices.SiteRules;
import dev.tocsin.cloud.http.ApiException;
import dev.tocsin.cloud.http.Call;
import dev.tocsin.cloud.login.Audit;
import dev.tocsin.profiles.alert.Place;
import dev.tocsin.profiles.desired.DesiredJson;
import dev.tocsin.profiles.profile.LocalText;
import dev.tocsin.profiles.profile.Profile;
import dev.tocsin.profiles.site.EffectiveRules.Effective;
import dev.tocsin.profiles.site.RuleSet;
import dev.tocsin.profiles.site.RuleSetException;
import dev.tocsin.profiles.site.Scope;
import dev.tocsin.profiles.wire.Topics;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

/**
 * The rule sets of the site: every change is a transaction, then a new image, then published. What does not fit the
 * profiles and the registry is refused here, because those who are sent a set leave out what does not fit. Safe for any
 * thread.
 */
public final class RuleBook implements SiteRules, DesiredState.Source {
    /** One version may pass over so many, so that a slip of a digit does not use up the counter. */
    static final int MAX_STEP = 1_000_000;

    private final Database database;
    private final Registry registry;
    private final Audit audit;
    private final Clock clock;
    private volatile RuleImage image = RuleImage.EMPTY;
    private volatile Runnable onChange = () -> {};

    public RuleBook(Database database, Registry registry, Audit audit, Clock clock) {
        this.database = database;
        this.registry = registry;
        this.audit = audit;
        this.clock = clock;
    }

    /** Reads what is stored; for the start. */
    public void load() {
        change(handle -> {});
    }

    RuleImage image() {
        return image;
    }

    /**
     * Takes a set into force.
     *
     * @throws ApiException 400 naming everything that is wrong with it; 409 when its version is not a new one
     */
    RuleVersion put(Call call, String id, String text) {
        RuleSet set = read(id, text);
        change(handle -> {
            RuleImage stored = stored(handle);
            requireFit(set, stored);
            RuleVersion before = stored.newest().get(id);
            boolean again = before != null
                    && before.version() == set.version()
                    && before.text().equals(text);
            if (!again) {
                requireNext(set, stored);
                append(handle, call, id, set.version(), text, "rules_put");
            }
        });
        return newest(id);
    }

    /** @throws ApiException 404 when no such set is in force */
    void end(Call call, String id) {
        change(handle -> {
            RuleImage stored = stored(handle);
            RuleVersion before = stored.newest().get(id);
            if (before == null || before.ended()) {
                throw notFound(id);
            }
            append(handle, call, id, stored.nextVersion(), "", "rules_delete");
        });
    }

    static ApiException notFound(String id) {
        return ApiException.notFound("There is no rule set '" + id + "'.", "规则集 “" + id + "” 不存在。");
    }

    private RuleVersion newest(String id) {
        RuleVersion version = image.newest().get(id);
        if (version == null) {
            throw new IllegalStateException(id + " was stored and is not there");
        }
        return version;
    }

    /** One at a time, so that an image is never older than what is stored. */
    private synchronized void change(Consumer<Handle> work) {
        image = database.write(handle -> {
            RuleStore.lock(handle);
            work.accept(handle);
            return stored(handle);
        });
        onChange.run();
    }

    private static RuleImage stored(Handle handle) {
        return RuleImage.of(RuleStore.newest(handle), RuleStore.lastOfEnded(handle));
    }

    private void append(Handle handle, Call call, String id, int version, String text, String action) {
        RuleStore.append(
                handle,
                new RuleVersion(
                        id, version, text, call.caller().user(), call.caller().displayName(), clock.instant()));
        audit.append(handle, call.caller().user(), call.source(), action, id, "version " + version);
    }

    private static RuleSet read(String id, String text) {
        RuleSet set;
        try {
            set = RuleSet.parse(text, id);
        } catch (RuleSetException e) {
            throw refused(e.errors());
        }
        if (!set.id().equals(id)) {
            throw refused(List.of("/id: '" + set.id() + "' is not '" + id + "', which the address names"));
        }
        if (set.isEmpty()) {
            throw refused(List.of("/changes: it changes nothing and adds nothing; DELETE ends a rule set"));
        }
        return set;
    }

    private void requireFit(RuleSet set, RuleImage stored) {
        List<String> errors = new ArrayList<>(set.misfits(
                registry.profiles(),
                stored.rules().all().stream()
                        .filter(other -> !other.id().equals(set.id()))
                        .toList()));
        RegistryImage site = registry.image();
        Scope scope = set.scope();
        require(
                scope.devices(),
                "/scope/devices: there is no device ",
                device -> site.devices().containsKey(device),
                errors);
        require(
                scope.areas(),
                "/scope/areas: there is no area ",
                area -> site.areas().containsKey(area),
                errors);
        require(
                scope.profiles(),
                "/scope/profiles: there is no profile ",
                profile -> registry.profiles().find(profile) != null,
                errors);
        if (stored.rules().find(set.id()) == null && stored.rules().all().size() >= RuleSet.MAX_SETS) {
            errors.add("/id: there are " + RuleSet.MAX_SETS + " rule sets already");
        }
        if (!errors.isEmpty()) {
            throw refused(errors);
        }
    }

    private static void require(Iterable<String> ids, String error, Predicate<String> isThere, List<String> errors) {
        for (String id : ids) {
            if (!isThere.test(id)) {
                errors.add(error + "'" + id + "'");
            }
        }
    }

    private static void requireNext(RuleSet set, RuleImage stored) {
        int next = stored.nextVersion();
        if (set.version() < next) {
            throw new ApiException(
                    409,
                    "version_not_higher",
                    "/version",
                    "Version " + set.version() + " was given already, or is lower than one that was; the next is "
                            + next + ".",
                    "版本 " + set.version() + " 已被使用或低于现有版本，下一个可用版本为 " + next + "。");
        }
        if (set.version() - next > MAX_STEP) {
            throw refused(List.of("/version: " + set.version() + " is far beyond the next one, which is " + next));
        }
    }

    private static ApiException refused(List<String> errors) {
        String all = String.join("\n", errors);
        return ApiException.invalid(
                        errors.get(0).substring(0, Math.max(1, errors.get(0).indexOf(':'))),
                        "The rule set is not taken, the former stays:\n" + all,
                        "规则集未被采用，原有规则保持不变：\n" + all)
                .withErrors(errors);
    }

    @Override
    public Effective of(Profile profile, String device, Place place) {
        return image.rules().of(profile, device, place.areas());
    }

    @Override
    public @Nullable String setOf(int ruleVersion) {
        return image.rules().all().stream()
                .filter(set -> set.version() == ruleVersion)
                .map(RuleSet::id)
                .findFirst()
                .orElse(null);
    }

    @Override
    public @Nullable LocalText nameOf(String rule) {
        return image.names().get(rule);
    }

    /** Those in force; and of those that ended the newest, as empty ones, because who is away hears of no deletion. */
    @Override
    public List<DesiredState.Retained> retained() {
        RuleImage now = image;
        List<DesiredState.Retained> retained = new ArrayList<>();
        for (RuleVersion version : now.newest().values()) {
            if (now.rules().find(version.id()) != null) {
                retained.add(retained(version, version.text().getBytes(StandardCharsets.UTF_8)));
            }
        }
        now.newest().values().stream()
                .filter(RuleVersion::ended)
                .sorted(Comparator.comparingInt(RuleVersion::version).reversed())
                .limit(RuleSet.MAX_SETS)
                .forEach(ended -> retained.add(
                        retained(ended, DesiredJson.write(Map.of("id", ended.id(), "version", ended.version())))));
        return retained;
    }

    private static DesiredState.Retained retained(RuleVersion version, byte[] payload) {
        return new DesiredState.Retained(Topics.stateOfRules(version.id()), version.version(), payload);
    }

    @Override
    public void onChange(Runnable listener) {
        onChange = listener;
    }
}
