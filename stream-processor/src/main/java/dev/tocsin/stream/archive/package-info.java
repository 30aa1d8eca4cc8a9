/**
 * The archive's last step: readings, alerts, rejected input and the site's profiles enter, committed rows leave, each of
 * them once however often it comes. What the store refuses is found by halving the batch and kept as rejected; a store
 * that is away is waited for. Start with {@link dev.tocsin.stream.archive.ReadingArchive}; {@link dev.tocsin.stream.archive.ArchiveSink}
 * is what a job sees.
 */
@NullMarked
package dev.tocsin.stream.archive;

import org.jspecify.annotations.NullMarked;
