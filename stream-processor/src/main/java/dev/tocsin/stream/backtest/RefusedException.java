package dev.tocsin.stream.backtest;

/** A backtest asks for what there is not, or for rules that this site cannot have; the message is for who asked. */
public final class RefusedException extends Exception {
    private static final long serialVersionUID = 1L;

    RefusedException(String message) {
        super(message);
    }
}
