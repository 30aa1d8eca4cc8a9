package dev.tocsin.stream.archive;

import dev.tocsin.stream.store.Database;
import java.sql.Connection;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One connection that is opened again for as long as it takes: a store that is away holds its caller up, and through
 * it the broker's queue, instead of failing the job. Work is repeated from its beginning and must stand that; a commit
 * whose answer was lost is such a case. For one thread.
 */
final class PatientConnection implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(PatientConnection.class);
    private static final long FIRST_PAUSE_MS = 100;
    private static final long LONGEST_PAUSE_MS = 5_000;
    /** While the store stays away, one line in this many attempts is logged. */
    private static final int ATTEMPTS_A_LINE = 12;

    private final Database database;
    private final ArchiveMetrics metrics;
    private final Runnable onNewConnection;
    private @Nullable Connection connection;

    /** What is done in one transaction, which is committed when it returns. */
    interface Work<R> {
        R in(Connection connection) throws SQLException;
    }

    /** The values were refused, nothing of the work was stored. */
    static final class RefusedException extends Exception {
        private static final long serialVersionUID = 1L;

        RefusedException(SQLException cause) {
            super(cause.getMessage(), cause);
        }
    }

    /** @param onNewConnection called before the first work on a connection: what was read earlier may be gone */
    PatientConnection(Database database, ArchiveMetrics metrics, Runnable onNewConnection) {
        this.database = database;
        this.metrics = metrics;
        this.onNewConnection = onNewConnection;
    }

    /**
     * Runs and commits {@code work}, however long the store is away.
     *
     * @throws RefusedException when the store refuses the values
     * @throws InterruptedException when the job is cancelled while waiting
     */
    <R> R run(Work<R> work) throws RefusedException, InterruptedException {
        long pauseMs = FIRST_PAUSE_MS;
        for (int attempt = 1; ; attempt++) {
            try {
                R result = attempt(work);
                if (attempt > 1) {
                    LOG.info("The store {} is back after {} attempts", database, attempt);
                }
                metrics.storeUp(true);
                return result;
            } catch (SQLException e) {
                if (!lost() && StoreFault.of(e) == StoreFault.DATA && rolledBack()) {
                    throw new RefusedException(e);
                }
                close();
                metrics.storeUp(false);
                metrics.retry();
                if (attempt % ATTEMPTS_A_LINE == 1) {
                    LOG.warn(
                            "The store {} does not take rows ({}: {}), attempt {}; waiting for it",
                            database,
                            e.getSQLState(),
                            e.getMessage(),
                            attempt);
                }
            }
            Thread.sleep(pauseMs);
            pauseMs = Math.min(2 * pauseMs, LONGEST_PAUSE_MS);
        }
    }

    private <R> R attempt(Work<R> work) throws SQLException {
        if (connection == null) {
            connection = database.open();
            onNewConnection.run();
        }
        R result = work.in(connection);
        connection.commit();
        return result;
    }

    private boolean lost() {
        try {
            return connection == null || connection.isClosed();
        } catch (SQLException e) {
            return true;
        }
    }

    /** A rollback that fails means that the connection broke in the same moment: then the values are not to blame. */
    private boolean rolledBack() {
        try {
            if (connection == null) {
                return false;
            }
            connection.rollback();
            return true;
        } catch (SQLException e) {
            return false;
        }
    }

    @Override
    public void close() {
        Connection open = connection;
        connection = null;
        if (open == null) {
            return;
        }
        try {
            open.close();
        } catch (SQLException e) {
            LOG.debug("Closing a broken connection to {} failed", database, e);
        }
    }
}
