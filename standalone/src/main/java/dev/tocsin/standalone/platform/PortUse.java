package dev.tocsin.standalone.platform;

/**
 * Something that will listen on a port of 127.0.0.1.
 *
 * @param option that moves it
 */
record PortUse(String what, String option, int port, boolean udp) {
    static PortUse tcp(String what, String option, int port) {
        return new PortUse(what, option, port, false);
    }
}
