/**
 * Signed bundles of the edge agent. An image folder and a private key enter, a bundle leaves; a bundle and the keys that
 * are trusted enter, files that are what was signed leave. Start with {@link dev.tocsin.profiles.bundle.Bundle}.
 */
@NullMarked
package dev.tocsin.profiles.bundle;

import org.jspecify.annotations.NullMarked;
