package dev.tocsin.profiles.profile;

import dev.tocsin.profiles.detect.Rule;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What a kind of device is: where its messages come from, how they are read, what it measures, and which rules make
 * alerts of that. Written in YAML; {@code profile.schema.json} beside this class's resources describes the file.
 *
 * @param id a legal id, {@link dev.tocsin.profiles.wire.Topics#ID}
 * @param version grows with every change; alerts name it
 * @param category one of {@link #CATEGORIES}, for the console's symbols and filters
 * @param mqttTopics topics that bring messages of such devices
 * @param coapPaths paths, without a leading slash, that bring messages of such devices
 * @param coapQuestions what the agent asks a device of this kind for, where the device is a CoAP server
 * @param coiotTypes patterns of {@code type-serial} of Shelly devices that report by CoIoT
 * @param metrics by name, in the order of the file
 * @param reportIntervalMs how often a healthy device reports, 0 where only events make it talk
 * @param silentAfterMs after how long without a message a device counts as silent, 0 for never
 * @param buffering whether the device keeps readings and sends them later, so that old times are believed
 * @param commands what such a device can be told, by name, in the order of the file
 */
public record Profile(
        String id,
        int version,
        LocalText name,
        String category,
        List<SourcePattern> mqttTopics,
        List<SourcePattern> coapPaths,
        List<CoapQuestion> coapQuestions,
        List<SourcePattern> coiotTypes,
        Map<String, Metric> metrics,
        List<Rule> rules,
        long reportIntervalMs,
        long silentAfterMs,
        boolean buffering,
        CodecSpec codec,
        Map<String, DeviceCommand> commands) {

    public static final Set<String> CATEGORIES = Set.of(
            "smoke", "heat", "co", "gas", "water", "contact", "motion", "vibration", "climate", "air", "gateway");

    public Profile {
        mqttTopics = List.copyOf(mqttTopics);
        coapPaths = List.copyOf(coapPaths);
        coapQuestions = List.copyOf(coapQuestions);
        coiotTypes = List.copyOf(coiotTypes);
        metrics = Collections.unmodifiableMap(new LinkedHashMap<>(metrics));
        rules = List.copyOf(rules);
        commands = Collections.unmodifiableMap(new LinkedHashMap<>(commands));
    }

    /**
     * Reads one profile; JSON is YAML too.
     *
     * @param sourceName how errors name the file
     * @throws ProfileException naming all that is wrong (of very much, the first of it), each with its path
     */
    public static Profile parse(String yamlOrJson, String sourceName) throws ProfileException {
        return ProfileReader.read(yamlOrJson, sourceName);
    }

    /** The same kind of device with other rules. */
    public Profile withRules(List<Rule> otherRules) {
        return new Profile(
                id,
                version,
                name,
                category,
                mqttTopics,
                coapPaths,
                coapQuestions,
                coiotTypes,
                metrics,
                otherRules,
                reportIntervalMs,
                silentAfterMs,
                buffering,
                codec,
                commands);
    }

    /** Whether a device of this kind can be heard without any broker, and only so. */
    public boolean isOfCoapOnly() {
        return mqttTopics.isEmpty() && !(coapPaths.isEmpty() && coapQuestions.isEmpty() && coiotTypes.isEmpty());
    }

    /** The same profile as JSON, which {@link #parse} reads. */
    public String toJson() {
        return ProfileWriter.write(this);
    }
}
