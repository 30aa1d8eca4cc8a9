/**
 * The one way to PostgreSQL: waits for it in the background, migrates schema {@code ops}, and answers quickly while it is
 * away. Start with {@link dev.tocsin.cloud.database.Database}.
 */
@NullMarked
package dev.tocsin.cloud.database;

import org.jspecify.annotations.NullMarked;
