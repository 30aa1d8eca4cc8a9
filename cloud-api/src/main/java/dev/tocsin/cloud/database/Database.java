package dev.tocsin.cloud.database;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import dev.tocsin.cloud.http.ApiException;
import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.FlywayException;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A pool that may have no server behind it. {@link #read} and {@link #write} are for worker threads; while the last
 * look at the server failed they fail at once with 503 instead of waiting. Safe for any thread.
 */
public final class Database implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Database.class);
    private static final int POOL_SIZE = 8;
    private static final long CONNECTION_WAIT_MS = 2_000;
    private static final long LOOK_EVERY_MS = 1_000;
    /**
     * Class 08 connection, 57P server stopping or starting, 53300 too many connections, 3F000 and 42P01 a schema that the
     * stream processor has not created yet.
     */
    private static final Set<String> AWAY = Set.of("57P01", "57P02", "57P03", "53300", "3F000", "42P01", "42883");

    private final HikariDataSource pool;
    private final Jdbi jdbi;
    private final Clock clock;
    private final ScheduledExecutorService thread = Executors.newSingleThreadScheduledExecutor(run -> {
        Thread named = new Thread(run, "database");
        named.setDaemon(true);
        return named;
    });
    private final List<Runnable> onReady = new ArrayList<>();
    private volatile boolean reachable;
    private volatile boolean migrated;
    private volatile @Nullable Instant lastSeen;
    /** Of the database thread only: how many of {@link #onReady} are done, and whether the log has the outage. */
    private int done;

    private boolean saidAway;

    public Database(String url, String user, String password, Clock clock) {
        this.clock = clock;
        HikariConfig config = new HikariConfig();
        config.setPoolName("tocsin-api");
        config.setJdbcUrl(url);
        config.setUsername(user);
        config.setPassword(password);
        config.setMaximumPoolSize(POOL_SIZE);
        config.setMinimumIdle(1);
        config.setConnectionTimeout(CONNECTION_WAIT_MS);
        config.setInitializationFailTimeout(-1);
        config.addDataSourceProperty("ApplicationName", "tocsin-api");
        config.addDataSourceProperty("connectTimeout", "2");
        config.addDataSourceProperty("socketTimeout", "20");
        config.addDataSourceProperty("tcpKeepAlive", "true");
        config.addDataSourceProperty("options", "-c statement_timeout=15000");
        this.pool = new HikariDataSource(config);
        this.jdbi = Jdbi.create(pool);
    }

    /** Adds what is to be done once the schema stands, in the order of adding; a failure is tried again. */
    public void whenReady(Runnable work) {
        onReady.add(work);
    }

    /** Begins to look for the server, and keeps looking. */
    public void start() {
        thread.scheduleWithFixedDelay(this::look, 0, LOOK_EVERY_MS, TimeUnit.MILLISECONDS);
    }

    /** Whether the last look found the server with our schema in it. */
    public boolean available() {
        return reachable && migrated;
    }

    /** When the server last answered a look; null before the first answer. */
    public @Nullable Instant lastSeen() {
        return lastSeen;
    }

    /** @throws ApiException 503 when the server cannot be reached */
    public <T extends @Nullable Object> T read(Function<Handle, T> work) {
        requireAvailable();
        return run(() -> jdbi.withHandle(work::apply));
    }

    /**
     * One transaction.
     *
     * @throws ApiException 503 when the server cannot be reached
     */
    public <T extends @Nullable Object> T write(Function<Handle, T> work) {
        requireAvailable();
        return run(() -> jdbi.inTransaction(work::apply));
    }

    @Override
    public void close() {
        thread.shutdownNow();
        pool.close();
    }

    private void requireAvailable() {
        // The work that makes it available runs on the database's own thread, before it is.
        if (!available() && !Thread.currentThread().getName().equals("database")) {
            throw ApiException.databaseUnavailable();
        }
    }

    private static <T extends @Nullable Object> T run(java.util.function.Supplier<T> work) {
        try {
            return work.get();
        } catch (RuntimeException e) {
            if (isAway(e)) {
                LOG.debug("database is away", e);
                throw ApiException.databaseUnavailable();
            }
            throw e;
        }
    }

    private void look() {
        try {
            if (!migrated) {
                migrate();
                migrated = true;
            }
            jdbi.useHandle(handle -> handle.execute("select 1"));
            lastSeen = clock.instant();
            while (done < onReady.size()) {
                onReady.get(done).run();
                done++;
            }
            if (!reachable) {
                LOG.info("database answers");
            }
            saidAway = false;
            reachable = true;
        } catch (RuntimeException e) {
            if (!saidAway) {
                saidAway = true;
                LOG.warn("database is away, looking again every {} ms: {}", LOOK_EVERY_MS, rootMessage(e));
            }
            LOG.debug("database is away", e);
            reachable = false;
        }
    }

    private void migrate() {
        try {
            Flyway.configure()
                    .dataSource(pool)
                    .schemas("ops")
                    .defaultSchema("ops")
                    .table("flyway_history")
                    .locations("classpath:db/ops")
                    .load()
                    .migrate();
        } catch (FlywayException e) {
            if (!isAway(e)) {
                LOG.error("schema ops cannot be brought up to date", e);
            }
            throw e;
        }
    }

    private static boolean isAway(Throwable failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof SQLTransientConnectionException) {
                return true;
            }
            if (cause instanceof SQLException sql && sql.getSQLState() != null) {
                return sql.getSQLState().startsWith("08") || AWAY.contains(sql.getSQLState());
            }
        }
        return false;
    }

    private static String rootMessage(Throwable failure) {
        Throwable root = failure;
        while (root.getCause() != null) {
            root = root.getCause();
        }
        return String.valueOf(root.getMessage()).lines().findFirst().orElse("");
    }
}
