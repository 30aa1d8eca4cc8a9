/**
 * An alert as it is published: record, JSON, identity. Start with {@link dev.tocsin.profiles.alert.Alert}.
 */
@NullMarked
package dev.tocsin.profiles.alert;

import org.jspecify.annotations.NullMarked;
