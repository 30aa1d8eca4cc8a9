/**
 * Input that could not be digested, as the archive stored it. Start with
 * {@link dev.tocsin.cloud.rejected.RejectedRoutes}.
 */
@NullMarked
package dev.tocsin.cloud.rejected;

import org.jspecify.annotations.NullMarked;
