package dev.tocsin.agent.output;

import dev.tocsin.profiles.settings.Output;
import java.io.IOException;

/** Brings an order to its output and returns when it is there. Safe for any thread. */
final class Reach {
    private final FieldPublisher field;
    private final CoapSender coap;
    private final Programs programs;

    Reach(FieldPublisher field, CoapSender coap, Programs programs) {
        this.field = field;
        this.coap = coap;
        this.programs = programs;
    }

    /** @throws IOException saying why it is not certain to be there; to be tried again */
    void drive(Output.Driver driver, Order order) throws IOException, InterruptedException {
        if (driver instanceof Output.Driver.Mqtt mqtt) {
            field.publish(mqtt.topic(), order.payload(mqtt.on(), mqtt.off()), mqtt.retain());
        } else if (driver instanceof Output.Driver.Coap there) {
            coap.send(there.uri(), there.method() == Output.Method.PUT, order.payload(there.on(), there.off()));
        } else if (driver instanceof Output.Driver.Program program) {
            programs.run(program, order);
        }
    }
}
