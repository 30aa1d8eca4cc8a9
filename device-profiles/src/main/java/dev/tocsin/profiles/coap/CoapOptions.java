package dev.tocsin.profiles.coap;

import org.eclipse.californium.core.coap.option.IntegerOptionDefinition;
import org.eclipse.californium.core.coap.option.MapBasedOptionRegistry;
import org.eclipse.californium.core.coap.option.OptionRegistry;
import org.eclipse.californium.core.coap.option.StandardOptionRegistry;
import org.eclipse.californium.core.coap.option.StringOptionDefinition;

/** The options of CoIoT, with which Shelly devices of the first generation say who they are. */
public final class CoapOptions {
    /** {@code SHHT-1#CA969F#2}: type, serial number, version of the protocol. */
    public static final StringOptionDefinition COIOT_DEVICE =
            new StringOptionDefinition(3332, "CoIoT-Device", true, 0, 255);
    /** For how long the status holds; the profile's {@code silent-after} says when a device is missed. */
    public static final IntegerOptionDefinition COIOT_VALIDITY =
            new IntegerOptionDefinition(3412, "CoIoT-Validity", true, 0, 4);
    /** Another one with every change. */
    public static final IntegerOptionDefinition COIOT_SERIAL =
            new IntegerOptionDefinition(3420, "CoIoT-Serial", true, 0, 4);

    /** All that is read; of others, those that may be passed over are, and a message with one that may not is refused. */
    static final OptionRegistry KNOWN = new MapBasedOptionRegistry(
            StandardOptionRegistry.STANDARD_OPTIONS, COIOT_DEVICE, COIOT_VALIDITY, COIOT_SERIAL);

    private CoapOptions() {}
}
