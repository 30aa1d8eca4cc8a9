package dev.tocsin.stream.archive;

/**
 * Where elements of one kind are collected and written. Knows nothing of Flink; for one thread.
 *
 * @param <T> what is stored
 */
public interface Destination<T> extends AutoCloseable {
    /** Rows that an element makes, or as many as its bytes are worth where it is large. */
    int rows(T element);

    void add(T element);

    /**
     * Writes what was added since the last call, waiting for a store that is away.
     *
     * @throws InterruptedException when the job is cancelled; what was added is not written, or written and not told
     */
    void write() throws InterruptedException;

    @Override
    void close();
}
