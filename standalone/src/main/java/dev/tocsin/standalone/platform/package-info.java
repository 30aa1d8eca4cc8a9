/**
 * All processes of the platform on one machine: where they are, in which order they start, what watches over them. A
 * {@link dev.tocsin.standalone.platform.Plan} enters, a running {@link dev.tocsin.standalone.platform.Platform} leaves;
 * start reading there.
 */
@NullMarked
package dev.tocsin.standalone.platform;

import org.jspecify.annotations.NullMarked;
