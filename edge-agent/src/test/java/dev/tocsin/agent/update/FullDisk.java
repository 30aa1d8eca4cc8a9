package dev.tocsin.agent.update;

import dev.tocsin.profiles.bundle.BundleException;
import java.io.IOException;
import java.nio.file.Path;

/** A disk on which so many files can still be written; names can be changed and deleted as ever. */
final class FullDisk implements Disk {
    private int room;

    FullDisk(int files) {
        room = files;
    }

    @Override
    public void makeFolder(Path folder) throws IOException {
        Disk.REAL.makeFolder(folder);
    }

    @Override
    public void write(Path file, boolean executable, long stampS, Content content) throws BundleException, IOException {
        if (room-- <= 0) {
            throw new IOException("No space left on device");
        }
        Disk.REAL.write(file, executable, stampS, content);
    }

    @Override
    public void force(Path folder) throws IOException {
        Disk.REAL.force(folder);
    }

    @Override
    public void rename(Path from, Path to) throws IOException {
        Disk.REAL.rename(from, to);
    }

    @Override
    public void delete(Path path) throws IOException {
        Disk.REAL.delete(path);
    }
}
