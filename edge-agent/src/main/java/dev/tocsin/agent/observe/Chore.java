package dev.tocsin.agent.observe;

/**
 * What is done on a pool of threads, once or again and again. The pool would keep an exception to itself and never run the
 * chore again; a part that died so would look like silence in the field, so it is told like that of any thread.
 */
public record Chore(Runnable work) implements Runnable {
    @Override
    public void run() {
        try {
            work.run();
        } catch (RuntimeException e) {
            Thread thread = Thread.currentThread();
            thread.getUncaughtExceptionHandler().uncaughtException(thread, e);
            throw e;
        }
    }
}
