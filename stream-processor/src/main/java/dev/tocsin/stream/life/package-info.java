/**
 * Claims of the detectors, the agents and the presence of gateways enter; alerts to publish leave, at most one open
 * for each rule and subject. What a claim does is {@link dev.tocsin.stream.life.Matter}'s business, a plain class;
 * start there.
 */
@NullMarked
package dev.tocsin.stream.life;

import org.jspecify.annotations.NullMarked;
