/**
 * The whole river, end to end: real processes, a real broker, a real database, real clients. Start with
 * {@link dev.tocsin.standalone.river.RiverTest}; what takes longer than a build may is called a proof and run by name.
 */
@NullMarked
package dev.tocsin.standalone.river;

import org.jspecify.annotations.NullMarked;
