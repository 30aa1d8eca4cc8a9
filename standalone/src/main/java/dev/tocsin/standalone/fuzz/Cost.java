package dev.tocsin.standalone.fuzz;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;

/**
 * What one input cost the thread that read it.
 *
 * @param nanos processor time
 * @param allocatedBytes all objects made on the way, together
 */
record Cost(long nanos, long allocatedBytes) {
    /** Whatever the input. */
    static final long MAX_NANOS = 10_000_000;
    /** Beside what each byte may cost; nothing that it says of itself, a length or a count, may ask for more. */
    static final long MAX_ALLOCATED_BYTES = 64 * 1024;
    /** For each byte of input: a tree of one digit and a comma each is the worst of what frames are read into. */
    static final long PER_BYTE = 256;
    /**
     * The same of texts that people write and the cloud retains, once for every change: SnakeYAML makes two tokens, an
     * event and a dozen marks of every scalar of one character, which is four times what the tree takes.
     */
    static final long PER_BYTE_OF_YAML = 1_024;

    private static final ThreadMXBean THREAD = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    static Cost of(Decoder decoder, byte[] input) {
        long allocated = THREAD.getCurrentThreadAllocatedBytes();
        long nanos = THREAD.getCurrentThreadCpuTime();
        decoder.takes(input);
        return new Cost(THREAD.getCurrentThreadCpuTime() - nanos, THREAD.getCurrentThreadAllocatedBytes() - allocated);
    }

    Cost least(Cost other) {
        return new Cost(Math.min(nanos, other.nanos), Math.min(allocatedBytes, other.allocatedBytes));
    }

    /** 1 where it just reaches what an input of that length may cost the decoder. */
    double share(Decoder decoder, int length) {
        double time = (double) nanos / MAX_NANOS;
        double memory = (double) allocatedBytes / (MAX_ALLOCATED_BYTES + length * decoder.maxAllocatedPerByte);
        return Math.max(time, memory);
    }
}
