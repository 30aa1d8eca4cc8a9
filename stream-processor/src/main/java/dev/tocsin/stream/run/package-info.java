/**
 * How a job is run, the same for each: configuration and a workflow enter; a job leaves that runs in this JVM, from the
 * newest checkpoint in its folder, or on the cluster that {@code flink run} names. Start with
 * {@link dev.tocsin.stream.run.JobRun}.
 */
@NullMarked
package dev.tocsin.stream.run;

import org.jspecify.annotations.NullMarked;
