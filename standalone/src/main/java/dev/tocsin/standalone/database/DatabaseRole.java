package dev.tocsin.standalone.database;

/** Who connects to the embedded database. */
public enum DatabaseRole {
    /** Superuser, for this package, back-ups and upgrades; no process of the platform runs as it. */
    OWNER("postgres"),
    /** Owns the schema {@code sensing}. */
    STREAM("tocsin_stream"),
    /** Owns the schema {@code ops}; reads of {@code sensing} what that schema's owner grants. */
    API("tocsin_api");

    private final String user;

    DatabaseRole(String user) {
        this.user = user;
    }

    public String user() {
        return user;
    }
}
