/**
 * PostgreSQL as a child process, for a machine that has none.
 *
 * <p>Enters: a folder and a port. Leaves: a database {@code tocsin} with a role for each of its two owners, reachable
 * from this machine only and with passwords that were made here. Start reading at {@link
 * dev.tocsin.standalone.database.EmbeddedPostgres}.
 */
@NullMarked
package dev.tocsin.standalone.database;

import org.jspecify.annotations.NullMarked;
