/**
 * Archived readings and rules enter; what would have alarmed, beside what did, leaves. {@code ArchiveSource} tells the
 * alarm job's own workflow again what the gateways once told it. Start with
 * {@link dev.tocsin.stream.backtest.Backtest}.
 */
@NullMarked
package dev.tocsin.stream.backtest;

import org.jspecify.annotations.NullMarked;
