/**
 * One process's configuration, read once: arguments and environment enter, typed values or one list of all
 * errors leave.
 */
@NullMarked
package dev.tocsin.profiles.config;

import org.jspecify.annotations.NullMarked;
