package dev.tocsin.standalone.platform;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;

/** Faults for the person at the keyboard. */
public final class Faults {
    private Faults() {}

    /** One line; the message of a file's exception alone is often no more than the file's name. */
    public static String inWords(IOException fault) {
        if (!(fault instanceof FileSystemException file)) {
            return String.valueOf(fault.getMessage());
        }
        if (file instanceof AccessDeniedException) {
            return file.getFile() + ": permission denied";
        }
        if (file instanceof NoSuchFileException) {
            return file.getFile() + " does not exist";
        }
        if (file instanceof FileAlreadyExistsException) {
            return file.getFile() + " is there already and is no folder";
        }
        return file.getFile() + ": "
                + (file.getReason() == null ? file.getClass().getSimpleName() : file.getReason());
    }
}
