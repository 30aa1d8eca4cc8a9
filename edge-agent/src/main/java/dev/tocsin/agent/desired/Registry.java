package dev.tocsin.agent.desired;

import dev.tocsin.profiles.alert.Place;
import dev.tocsin.profiles.codec.DeviceDirectory;
import dev.tocsin.profiles.codec.MessageDecoder;
import dev.tocsin.profiles.desired.DesiredJson;
import dev.tocsin.profiles.desired.GatewayState;
import dev.tocsin.profiles.desired.GatewayState.EnrolledDevice;
import dev.tocsin.profiles.desired.GatewayState.Enrolment;
import dev.tocsin.profiles.profile.Profile;
import dev.tocsin.profiles.profile.ProfileCatalog;
import dev.tocsin.profiles.profile.ProfileException;
import dev.tocsin.profiles.settings.GatewaySettings;
import dev.tocsin.profiles.settings.SettingsException;
import dev.tocsin.profiles.settings.SettingsState;
import dev.tocsin.profiles.site.EffectiveRules;
import dev.tocsin.profiles.site.RuleSetException;
import dev.tocsin.profiles.wire.Topics;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The devices, profiles and rule sets that this gateway runs with. A version is applied as a whole or not at all;
 * whatever cannot be read leaves the last good one in force. Safe for any thread.
 */
public final class Registry implements DeviceDirectory {
    /** Of applied states among the spool's documents; their keys are topics. */
    public static final String KIND_STATE = "state";

    private static final Logger LOG = LoggerFactory.getLogger(Registry.class);
    /** Where a gateway stands that no registry ever told: the root area of nobody. */
    private static final Place NOWHERE = new Place(new String[] {"unassigned"}, "", null, null);

    private final String gateway;
    private final Enrolment enrolmentBeforeState;
    private final Clock clock;
    private final BooleanSupplier clockKnown;
    private final List<Runnable> onChange = new CopyOnWriteArrayList<>();

    private final CountDownLatch firstState = new CountDownLatch(1);

    private final AtomicLong changes = new AtomicLong();

    private final GatewaySettings own;
    private final View beforeAnything;
    private volatile View view;

    /** One consistent state of everything. */
    private record View(
            @Nullable GatewayState state,
            Map<String, EnrolledDevice> devices,
            ProfileCatalog catalog,
            SortedMap<String, Integer> siteProfiles,
            MessageDecoder decoder,
            EffectiveRules rules,
            SettingsState settingsState,
            GatewaySettings settings) {

        View with(GatewayState newState, Map<String, EnrolledDevice> newDevices) {
            return new View(newState, newDevices, catalog, siteProfiles, decoder, rules, settingsState, settings);
        }

        View with(ProfileCatalog newCatalog, SortedMap<String, Integer> newProfiles, MessageDecoder newDecoder) {
            return new View(state, devices, newCatalog, newProfiles, newDecoder, rules, settingsState, settings);
        }

        View with(EffectiveRules newRules) {
            return new View(state, devices, catalog, siteProfiles, decoder, newRules, settingsState, settings);
        }

        View with(SettingsState newState, GatewaySettings newSettings) {
            return new View(state, devices, catalog, siteProfiles, decoder, rules, newState, newSettings);
        }
    }

    /** One whose gateway has no settings of its own. */
    public Registry(
            String gateway,
            Enrolment enrolmentBeforeState,
            ProfileCatalog catalog,
            Clock clock,
            BooleanSupplier clockKnown) {
        this(gateway, enrolmentBeforeState, catalog, GatewaySettings.NONE, clock, clockKnown);
    }

    /**
     * @param enrolmentBeforeState holds until the first state arrives
     * @param own settings of the gateway's own file
     * @param clockKnown whether {@code clock} was ever set
     */
    public Registry(
            String gateway,
            Enrolment enrolmentBeforeState,
            ProfileCatalog catalog,
            GatewaySettings own,
            Clock clock,
            BooleanSupplier clockKnown) {
        this.gateway = gateway;
        this.enrolmentBeforeState = enrolmentBeforeState;
        this.own = own;
        this.clock = clock;
        this.clockKnown = clockKnown;
        this.beforeAnything = new View(
                null,
                Map.of(),
                catalog,
                new TreeMap<>(),
                new MessageDecoder(catalog, this, clock, clockKnown),
                EffectiveRules.NONE,
                new SettingsState(0, gateway, ""),
                own);
        this.view = beforeAnything;
    }

    /**
     * Goes back to what these states say, and forgets every other: a version that is lower than the one in force counts
     * here.
     *
     * @param states as {@link #apply} takes them; each was applied before
     */
    void restore(Map<String, byte[]> states) {
        synchronized (this) {
            // Whoever looks meanwhile sees what was: for a moment without devices every alert would end.
            View restored = beforeAnything;
            for (Map.Entry<String, byte[]> one : states.entrySet()) {
                View next = after(restored, one.getKey(), one.getValue());
                restored = next == null ? restored : next;
            }
            putInForce(restored);
        }
        changed();
    }

    /** Waits until a state is known, from the last start or from the cloud. */
    public boolean awaitFirstState(Duration patience) throws InterruptedException {
        return firstState.await(patience.toMillis(), TimeUnit.MILLISECONDS);
    }

    /** Runs after every change, on the thread that applied it. */
    public void onChange(Runnable listener) {
        onChange.add(listener);
    }

    /**
     * Applies one retained message.
     *
     * @return whether it changed anything; then it should be kept for the next start, or what was kept of its topic
     *     deleted where it {@link #isOver}
     * @throws IllegalArgumentException naming what is wrong with it; nothing has changed then
     */
    public boolean apply(String topic, byte[] payload) {
        if (payload.length == 0 && !Topics.isRulesState(topic)) {
            // The retained message was deleted; what was decided with it stays in force until something else is said.
            return false;
        }
        synchronized (this) {
            View next = after(view, topic, payload);
            if (next == null) {
                return false;
            }
            putInForce(next);
        }
        changed();
        return true;
    }

    private void putInForce(View next) {
        view = next;
        if (next.state() != null) {
            firstState.countDown();
        }
    }

    private void changed() {
        changes.incrementAndGet();
        onChange.forEach(Runnable::run);
    }

    /** What is in force after a message; nothing when it changes nothing. */
    private @Nullable View after(View now, String topic, byte[] payload) {
        if (Topics.isGatewayState(topic)) {
            return afterState(now, topic, payload);
        }
        if (Topics.isProfileState(topic)) {
            return afterProfile(now, topic, payload);
        }
        if (Topics.isSettingsState(topic)) {
            return afterSettings(now, topic, payload);
        }
        return Topics.isRulesState(topic) ? afterRules(now, topic, payload) : null;
    }

    private @Nullable View afterState(View now, String topic, byte[] payload) {
        GatewayState state = DesiredJson.read(payload, GatewayState.class);
        if (!gateway.equals(state.gateway())) {
            throw new IllegalArgumentException(
                    topic + " speaks of gateway '" + state.gateway() + "', this is " + gateway);
        }
        if (state.place() == null || state.enrolment() == null) {
            throw new IllegalArgumentException(topic + " lacks the gateway's place or enrolment");
        }
        if (now.state() != null && state.version() <= now.state().version()) {
            return null;
        }
        Map<String, EnrolledDevice> devices = new HashMap<>();
        for (EnrolledDevice device : state.devices()) {
            if (device.id() == null || device.profile() == null) {
                throw new IllegalArgumentException(topic + " has a device without id or profile");
            }
            devices.put(device.id(), device);
        }
        LOG.info(
                "registry version {} with {} devices, enrolment {}",
                state.version(),
                devices.size(),
                state.enrolment());
        return now.with(state, devices);
    }

    private @Nullable View afterProfile(View now, String topic, byte[] payload) {
        Profile profile;
        try {
            profile = Profile.parse(new String(payload, StandardCharsets.UTF_8), topic);
        } catch (ProfileException e) {
            throw new IllegalArgumentException(e.getMessage(), e);
        }
        Profile known = now.catalog().find(profile.id());
        if (known != null && (profile.version() < known.version() || profile.equals(known))) {
            return null;
        }
        ProfileCatalog catalog = now.catalog().with(profile);
        SortedMap<String, Integer> siteProfiles = new TreeMap<>(now.siteProfiles());
        siteProfiles.put(profile.id(), profile.version());
        LOG.info("profile {} version {}", profile.id(), profile.version());
        return now.with(catalog, siteProfiles, new MessageDecoder(catalog, this, clock, clockKnown));
    }

    @SuppressWarnings("ReferenceEquality") // the same rules mean that nothing changed
    private @Nullable View afterRules(View now, String topic, byte[] payload) {
        EffectiveRules after;
        try {
            after = now.rules().after(topic, payload);
        } catch (RuleSetException e) {
            throw new IllegalArgumentException(e.getMessage(), e);
        }
        if (after == now.rules()) {
            return null;
        }
        LOG.info("rule sets in force: {}", versions(after));
        return now.with(after);
    }

    private @Nullable View afterSettings(View now, String topic, byte[] payload) {
        SettingsState state = SettingsState.read(payload);
        if (!gateway.equals(state.gateway())) {
            throw new IllegalArgumentException(
                    topic + " speaks of gateway '" + state.gateway() + "', this is " + gateway);
        }
        if (state.version() <= now.settingsState().version()) {
            return null;
        }
        GatewaySettings settings;
        try {
            settings = GatewaySettings.parse(state.text(), topic, GatewaySettings.Origin.CLOUD);
        } catch (SettingsException e) {
            throw new IllegalArgumentException(e.getMessage(), e);
        }
        LOG.info("settings version {}", state.version());
        return now.with(state, settings.under(own));
    }

    /** In force: the cloud's under the gateway's own. */
    public GatewaySettings settings() {
        return view.settings();
    }

    /** Of the cloud's settings, 0 for none. */
    public long settingsVersion() {
        return view.settingsState().version();
    }

    /** As the cloud wrote them. */
    public String settingsText() {
        return view.settingsState().text();
    }

    /** Where the CoAP server of a device is, {@code coap://host:port}. */
    public @Nullable String addressOf(String device) {
        return view.settings().addresses().get(device);
    }

    /** Versions of the profiles that came from the cloud, by id. */
    public SortedMap<String, Integer> profiles() {
        return new TreeMap<>(view.siteProfiles());
    }

    /** Whether the topic is that of a rule set that is not, or not any more, in force. */
    public boolean isOver(String topic) {
        return Topics.isRulesState(topic) && view.rules().find(topic.substring(topic.lastIndexOf('/') + 1)) == null;
    }

    /** The rules that hold for a device of that profile. */
    public EffectiveRules.Effective rulesOf(Profile profile, String device) {
        return view.rules().of(profile, device, placeOf(device).areas());
    }

    /** Versions of the rule sets in force, by id. */
    public SortedMap<String, Integer> ruleSets() {
        return versions(view.rules());
    }

    private static SortedMap<String, Integer> versions(EffectiveRules rules) {
        SortedMap<String, Integer> versions = new TreeMap<>();
        rules.all().forEach(set -> versions.put(set.id(), set.version()));
        return versions;
    }

    public MessageDecoder decoder() {
        return view.decoder();
    }

    public ProfileCatalog catalog() {
        return view.catalog();
    }

    public Collection<EnrolledDevice> devices() {
        return view.devices().values();
    }

    /** How often devices, profiles or rules changed. */
    public long changes() {
        return changes.get();
    }

    /** 0 before any state arrived. */
    public long version() {
        GatewayState state = view.state();
        return state == null ? 0 : state.version();
    }

    /** The device's own place, or its gateway's. */
    public Place placeOf(String device) {
        View now = view;
        EnrolledDevice enrolled = now.devices().get(device);
        if (enrolled != null && enrolled.place() != null) {
            return enrolled.place();
        }
        GatewayState state = now.state();
        return state == null ? NOWHERE : state.place();
    }

    @Override
    public @Nullable String profileOf(String device) {
        EnrolledDevice enrolled = view.devices().get(device);
        return enrolled == null ? null : enrolled.profile();
    }

    @Override
    public boolean open() {
        GatewayState state = view.state();
        return (state == null ? enrolmentBeforeState : state.enrolment()) == Enrolment.OPEN;
    }
}
