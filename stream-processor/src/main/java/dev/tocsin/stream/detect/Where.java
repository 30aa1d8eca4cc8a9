package dev.tocsin.stream.detect;

import dev.tocsin.profiles.alert.Place;

/** What a timer, which has no readings in its hand, must know of its device. */
public record Where(String gateway, Place place, String profile) {}
