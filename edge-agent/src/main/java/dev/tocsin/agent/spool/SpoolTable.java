package dev.tocsin.agent.spool;

import java.util.Locale;

/**
 * Tables whose rows are copied by a number. Columns by name: a file that was brought up from the first version has them in
 * another order than one that is made today.
 */
enum SpoolTable {
    EVICTED("first", "first, last"),
    UNACKED("id", "id, way, hashes", "id, " + SpoolTable.WAY_OF_FIRST + ", hashes"),
    RECENT("first", "first, hashes"),
    MESSAGE("id", "id, lane, at, body", "id, lane, 0, body"),
    BLOCK("first", "first, last, at, since, until, alarm, packed, body", "first, last, 0, at, at, 0, packed, body");

    /** The first version knew one field broker. */
    static final String WAY_OF_FIRST = "CASE origin WHEN 0 THEN 'COAP' ELSE 'MQTT' END";

    final String key;
    final String columns;
    /** The same, out of the table of the first version. */
    final String columnsOfFirst;

    SpoolTable(String key, String columns) {
        this(key, columns, columns);
    }

    SpoolTable(String key, String columns, String columnsOfFirst) {
        this.key = key;
        this.columns = columns;
        this.columnsOfFirst = columnsOfFirst;
    }

    String sqlName() {
        return name().toLowerCase(Locale.ROOT);
    }
}
