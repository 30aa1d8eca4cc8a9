package dev.tocsin.agent.acquire;

import dev.tocsin.agent.spool.Draft;
import dev.tocsin.agent.spool.Via;
import dev.tocsin.agent.spool.Work;
import dev.tocsin.profiles.profile.Profile;
import java.util.List;

/** A device was heard, and said nothing new: it is not silent. */
record SignOfLife(Intake intake, String device, String profile, Runnable acknowledge) implements Work {
    @Override
    public int weight() {
        return 1;
    }

    @Override
    public void into(Draft draft) {
        Profile known = intake.registry.catalog().find(profile);
        if (known != null) {
            intake.judge.onReadings(draft, known, device, false, List.of(), Via.once(Via.COAP_WAY));
        }
    }

    @Override
    public void indigestible(Draft draft, RuntimeException cause) {
        // It holds no input that could be kept.
    }

    @Override
    public void kept() {
        acknowledge.run();
    }
}
