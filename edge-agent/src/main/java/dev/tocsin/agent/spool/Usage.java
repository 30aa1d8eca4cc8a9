package dev.tocsin.agent.spool;

/** What is stored, by lane; a row counts {@link SpoolLimits#ROW_BYTES} beside its body. */
record Usage(long blockBytes, long blocks, long alertBytes, long alerts, long otherBytes, long others) {
    static final Usage NOTHING = new Usage(0, 0, 0, 0, 0, 0);

    long bytes() {
        return blockBytes + alertBytes + otherBytes;
    }

    Usage plusBlocks(long bytes, long rows) {
        return new Usage(blockBytes + bytes, blocks + rows, alertBytes, alerts, otherBytes, others);
    }

    Usage plusAlerts(long bytes, long rows) {
        return new Usage(blockBytes, blocks, alertBytes + bytes, alerts + rows, otherBytes, others);
    }

    Usage plusOthers(long bytes, long rows) {
        return new Usage(blockBytes, blocks, alertBytes, alerts, otherBytes + bytes, others + rows);
    }
}
