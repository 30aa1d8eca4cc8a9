package dev.tocsin.agent.judge;

/** What is judged apart: what a recording says of a device has nothing to do with what the device says. */
record Subject(String device, boolean replayed) {
    static Subject of(AlertBook.Key key) {
        return new Subject(key.subject(), key.drill());
    }

    AlertBook.Key key(String rule) {
        return new AlertBook.Key(rule, device, replayed);
    }
}
