package dev.tocsin.agent.spool;

/** A set of longs other than 0 that costs 8 bytes a slot, at most three quarters full. For one thread. */
final class LongSet {
    private long[] slots;
    private int size;

    LongSet(int slots) {
        this.slots = new long[Integer.highestOneBit(Math.max(8, slots) * 2 - 1)];
    }

    int size() {
        return size;
    }

    int bytes() {
        return slots.length * Long.BYTES;
    }

    boolean contains(long value) {
        return slots[slotOf(value, slots)] == value;
    }

    /** @return whether it is new */
    boolean add(long value) {
        int slot = slotOf(value, slots);
        if (slots[slot] == value) {
            return false;
        }
        slots[slot] = value;
        size++;
        if (size * 4 > slots.length * 3) {
            long[] larger = new long[slots.length * 2];
            for (long old : slots) {
                if (old != 0) {
                    larger[slotOf(old, larger)] = old;
                }
            }
            slots = larger;
        }
        return true;
    }

    private static int slotOf(long value, long[] slots) {
        int slot = (int) value & (slots.length - 1);
        while (slots[slot] != 0 && slots[slot] != value) {
            slot = (slot + 1) & (slots.length - 1);
        }
        return slot;
    }
}
