/**
 * The local alarm. Readings enter on their way into the spool, judged readings and alerts leave into the same commit.
 * Start with {@link dev.tocsin.agent.judge.EdgeJudge}, which asks {@link dev.tocsin.agent.judge.RuleJudge} for what the
 * rules say, {@link dev.tocsin.agent.judge.SilenceWatch} for who fell silent and {@link
 * dev.tocsin.agent.judge.OwnTroubles} for what is wrong with the gateway itself; all of them tell it to the {@link
 * dev.tocsin.agent.judge.AlertBook}.
 */
@NullMarked
package dev.tocsin.agent.judge;

import org.jspecify.annotations.NullMarked;
