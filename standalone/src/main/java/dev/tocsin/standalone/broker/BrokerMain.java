package dev.tocsin.standalone.broker;

import dev.tocsin.profiles.config.Settings;
import java.io.IOException;
import java.time.Clock;

/** The broker's process: configuration, start, one line when it serves, and a clean stop on SIGTERM. */
public final class BrokerMain {
    private static final int FAULT = 1;
    private static final int WRONG_CONFIGURATION = 2;

    private BrokerMain() {}

    public static void main(String[] arguments) {
        BrokerSettings settings;
        try {
            settings = BrokerSettings.from(new Settings(arguments, System.getenv()));
        } catch (Settings.InvalidException e) {
            System.err.println(e.getMessage());
            System.exit(WRONG_CONFIGURATION);
            return;
        }
        try {
            EmbeddedBroker broker = EmbeddedBroker.start(settings, Clock.systemUTC(), BrokerMain::giveUp);
            Runtime.getRuntime().addShutdownHook(new Thread(() -> stop(broker), "stop"));
            System.out.println("READY broker " + broker.url());
        } catch (IOException e) {
            System.err.println(e.getMessage());
            System.exit(FAULT);
        }
    }

    /** The data on the disk may be ahead of what this process believes: whoever supervises it starts it afresh. */
    private static void giveUp() {
        System.err.println("The broker cannot write its data: it gives up so that it is started again");
        Runtime.getRuntime().halt(FAULT);
    }

    private static void stop(EmbeddedBroker broker) {
        try {
            broker.close();
        } catch (IOException e) {
            System.err.println(e.getMessage());
        }
    }
}
