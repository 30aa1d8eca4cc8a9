package dev.tocsin.agent.spool;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.sql.SQLException;

/**
 * The first page of a spool file says where each table begins, and the order of its columns. Files of one origin have the
 * same there but for the number of their pages, so one whose first page is garbage gets that of a fresh file.
 */
final class FirstPage {
    static final int BYTES = 4096;
    /** Where the header of a file tells how many pages it has, and which of them are free (two numbers). */
    private static final int PAGES_AT = 28;

    private static final int FREE_PAGES_AT = 32;

    private FirstPage() {}

    /** As of a file that the first version made, and that was brought to today's tables. */
    static void ofFirstVersion(Path damaged) throws SQLException, IOException {
        Path template = template(damaged);
        SpoolFolder.deleteAll(template);
        SpoolSchema.makeFirst(template);
        write(template, damaged);
    }

    static void ofToday(Path damaged) throws SQLException, IOException {
        Path template = template(damaged);
        SpoolFolder.deleteAll(template);
        write(template, damaged);
    }

    private static Path template(Path damaged) {
        return damaged.resolveSibling(damaged.getFileName() + ".template");
    }

    private static void write(Path template, Path damaged) throws SQLException, IOException {
        SpoolSchema.open(template).close();
        try (FileChannel from = FileChannel.open(template, StandardOpenOption.READ);
                FileChannel to = FileChannel.open(damaged, StandardOpenOption.WRITE)) {
            ByteBuffer page = ByteBuffer.allocate(BYTES);
            if (from.read(page, 0) < BYTES) {
                throw new IOException("there is no room for a first page beside " + damaged);
            }
            page.putInt(PAGES_AT, (int) (to.size() / BYTES));
            page.putInt(FREE_PAGES_AT, 0);
            page.putInt(FREE_PAGES_AT + Integer.BYTES, 0);
            page.flip();
            to.write(page, 0);
            to.force(true);
        } finally {
            SpoolFolder.deleteAll(template);
        }
    }
}
