package dev.tocsin.stream.store;

import dev.tocsin.profiles.config.Settings;
import dev.tocsin.stream.run.JobConfig;
import java.io.Serializable;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Properties;

/**
 * Where the store is and who we are there.
 *
 * @param url JDBC, {@code jdbc:postgresql://host:port/database}
 */
public record Database(String url, String user, String password) implements Serializable {
    private static final int CONNECT_TIMEOUT_S = 5;
    /** A server that answers nothing for this long is treated as away. */
    private static final int SOCKET_TIMEOUT_S = 60;
    /** Locks of a writer that was cut off are free again after this. */
    private static final String OPTIONS = "-c idle_in_transaction_session_timeout=60000";

    static {
        // On a cluster the driver is in the job's own class loader, where DriverManager does not look by itself.
        try {
            Class.forName("org.postgresql.Driver");
        } catch (ClassNotFoundException e) {
            throw new IllegalStateException("the PostgreSQL driver is not on the class path", e);
        }
    }

    /** Reads {@code database.url}, {@code .user}, {@code .password} or {@code .password-file}. */
    public static Database read(Settings settings) {
        String password = JobConfig.secret(settings, "database.password");
        return new Database(
                settings.text("database.url", "jdbc:postgresql://127.0.0.1:5433/tocsin"),
                settings.text("database.user", "tocsin_stream"),
                password == null ? "" : password);
    }

    /** A connection that commits when told to; what it committed survives a crash of the server. */
    public Connection open() throws SQLException {
        Properties properties = new Properties();
        properties.setProperty("user", user);
        properties.setProperty("password", password);
        properties.setProperty("ApplicationName", "tocsin-stream");
        properties.setProperty("connectTimeout", Integer.toString(CONNECT_TIMEOUT_S));
        properties.setProperty("loginTimeout", Integer.toString(2 * CONNECT_TIMEOUT_S));
        properties.setProperty("socketTimeout", Integer.toString(SOCKET_TIMEOUT_S));
        properties.setProperty("tcpKeepAlive", "true");
        properties.setProperty("options", OPTIONS);
        Connection connection = DriverManager.getConnection(url, properties);
        try (Statement statement = connection.createStatement()) {
            // The broker forgets a batch once it is committed here, so a commit has to mean the disk.
            statement.execute("select set_config('synchronous_commit', 'on', false)"
                    + " where current_setting('synchronous_commit') = 'off'");
            connection.setAutoCommit(false);
            return connection;
        } catch (SQLException e) {
            connection.close();
            throw e;
        }
    }

    /**
     * A connection to read a great deal by: what is committed after its first query it does not see, it changes
     * nothing, and a query may take as long as it needs.
     */
    public Connection openForReading() throws SQLException {
        Connection connection = open();
        try (Statement statement = connection.createStatement()) {
            // TCP's keep-alive still notices a server that is gone.
            connection.setNetworkTimeout(Runnable::run, 0);
            statement.execute("set session characteristics as transaction isolation level repeatable read, read only");
            statement.execute("set idle_in_transaction_session_timeout = 0");
            connection.commit();
            return connection;
        } catch (SQLException e) {
            connection.close();
            throw e;
        }
    }

    @Override
    public String toString() {
        return user + " at " + url;
    }
}
