/**
 * The local alarm. Readings enter on their way into the spool, judged readings and alerts leave into the same commit.
 * Start with {@link dev.tocsin.agent.judge.EdgeJudge}.
 */
@NullMarked
package dev.tocsin.agent.judge;

import org.jspecify.annotations.NullMarked;
