/**
 * Alerts over HTTP, and the duty officer's acknowledgement of them: an appended event made against a revision. Start with
 * {@link dev.tocsin.cloud.alerts.AlertRoutes}.
 */
@NullMarked
package dev.tocsin.cloud.alerts;

import org.jspecify.annotations.NullMarked;
