/**
 * Rules and their detectors, the same at the edge and in the stream: readings of one device enter, findings
 * leave. Start with {@link dev.tocsin.profiles.detect.Rule}.
 */
@NullMarked
package dev.tocsin.profiles.detect;

import org.jspecify.annotations.NullMarked;
