package dev.tocsin.standalone.database;

import java.nio.file.Path;

/** A process that starts a database and waits to be killed: what a launcher is to the tests. */
final class PostgresKeeper {
    private PostgresKeeper() {}

    public static void main(String[] arguments) throws Exception {
        EmbeddedPostgres database = EmbeddedPostgres.start(Path.of(arguments[0]), 0);
        System.out.println("READY " + database.pid() + " " + database.port() + " " + System.getProperty("user.name"));
        Thread.sleep(Long.MAX_VALUE);
    }
}
