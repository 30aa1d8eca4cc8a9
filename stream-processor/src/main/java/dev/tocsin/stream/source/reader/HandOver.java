package dev.tocsin.stream.source.reader;

import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/**
 * Messages received by one session and not yet taken by Flink, bounded in number and bytes. One thread puts (the
 * client's), one takes (Flink's), one waits for room (the session's).
 */
final class HandOver {
    private final Window window;
    private final Runnable onArrival;
    private final Deque<Delivery> queue = new ArrayDeque<>();
    private long bytes;
    private boolean closed;

    /** @param onArrival wakes the reader; called for the first message after the queue was empty */
    HandOver(Window window, Runnable onArrival) {
        this.window = window;
        this.onArrival = onArrival;
    }

    /** Waits for room; a single message larger than the bound enters when the queue is empty. */
    void put(Delivery delivery) throws InterruptedException {
        boolean first;
        synchronized (this) {
            while (!closed && full()) {
                wait();
            }
            if (closed) {
                return;
            }
            first = queue.isEmpty();
            queue.addLast(delivery);
            bytes += delivery.payload().length;
        }
        if (first) {
            onArrival.run();
        }
    }

    synchronized @Nullable Delivery poll() {
        Delivery delivery = queue.pollFirst();
        if (delivery != null) {
            boolean wasFull = full();
            bytes -= delivery.payload().length;
            if (wasFull || queue.isEmpty()) {
                notifyAll();
            }
        }
        return delivery;
    }

    synchronized boolean isEmpty() {
        return queue.isEmpty();
    }

    synchronized int size() {
        return queue.size();
    }

    /**
     * Waits until what an earlier connection delivered has been taken: a reconnection into a full queue would receive
     * everything a second time and keep it beside the first.
     */
    synchronized void awaitEmpty() throws InterruptedException {
        while (!closed && !queue.isEmpty()) {
            wait();
        }
    }

    synchronized void close() {
        closed = true;
        queue.clear();
        notifyAll();
    }

    private boolean full() {
        return !queue.isEmpty() && (queue.size() >= window.receiveMaximum() || bytes >= window.queuedBytes());
    }
}
