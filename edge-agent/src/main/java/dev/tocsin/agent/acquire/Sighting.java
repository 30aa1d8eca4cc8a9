package dev.tocsin.agent.acquire;

import dev.tocsin.agent.spool.Draft;
import dev.tocsin.agent.spool.Work;
import dev.tocsin.profiles.desired.DesiredJson;
import dev.tocsin.profiles.desired.SeenDevice;
import dev.tocsin.profiles.wire.Lane;
import java.time.Instant;

/** Somebody was there, and nothing more is known. */
record Sighting(Intake intake, String device) implements Work {
    @Override
    public int weight() {
        return 1;
    }

    @Override
    public void into(Draft draft) {
        Instant now = Instant.ofEpochMilli(intake.clock.millis());
        draft.message(Lane.SEEN, DesiredJson.write(new SeenDevice(intake.gateway, device, "", false, now)));
    }

    @Override
    public void indigestible(Draft draft, RuntimeException cause) {
        // It holds no input that could be kept.
    }

    @Override
    public void kept() {
        // Nobody waits for it.
    }
}
