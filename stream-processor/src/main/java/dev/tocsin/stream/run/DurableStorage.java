package dev.tocsin.stream.run;

import java.io.IOException;
import java.io.Serializable;
import java.net.URI;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.stream.Stream;
import org.apache.flink.api.common.JobID;
import org.apache.flink.configuration.CheckpointingOptions;
import org.apache.flink.configuration.ReadableConfig;
import org.apache.flink.runtime.state.CheckpointMetadataOutputStream;
import org.apache.flink.runtime.state.CheckpointStorageAccess;
import org.apache.flink.runtime.state.CheckpointStorageFactory;
import org.apache.flink.runtime.state.CheckpointStorageLocation;
import org.apache.flink.runtime.state.CompletedCheckpointStorageLocation;
import org.apache.flink.runtime.state.filesystem.FsCheckpointStorageAccess;
import org.apache.flink.runtime.state.filesystem.FsCheckpointStorageLocation;
import org.apache.flink.runtime.state.storage.FileSystemCheckpointStorage;

/**
 * Checkpoints in a folder of this machine that survive a loss of power. Flink only writes them; but when one is
 * complete, the broker is told to forget the messages that it covers, and by then it has to be on the disk. So the last
 * step of a checkpoint, before anybody hears of it, forces out what it consists of; one that cannot be is none.
 */
public final class DurableStorage extends FileSystemCheckpointStorage {
    private static final long serialVersionUID = 1L;

    private final Disk disk;

    /** Forces out what stands in the folder of one checkpoint, and the way to it. */
    interface Disk extends Serializable {
        void force(Path checkpoint) throws IOException;
    }

    /** By the name of which the configuration refers to this storage. */
    public static final class Factory implements CheckpointStorageFactory<DurableStorage> {
        @Override
        public DurableStorage createFromConfig(ReadableConfig config, ClassLoader loader) {
            return new DurableStorage(
                    URI.create(config.get(CheckpointingOptions.CHECKPOINTS_DIRECTORY)), DurableStorage::force);
        }
    }

    DurableStorage(URI folder, Disk disk) {
        super(folder);
        this.disk = disk;
    }

    @Override
    public CheckpointStorageAccess createCheckpointStorage(JobID job) throws IOException {
        return new FsCheckpointStorageAccess(
                getCheckpointPath(), getSavepointPath(), job, getMinFileSizeThreshold(), getWriteBufferSize()) {
            @Override
            public CheckpointStorageLocation initializeLocationForCheckpoint(long checkpointId) throws IOException {
                var location = (FsCheckpointStorageLocation) super.initializeLocationForCheckpoint(checkpointId);
                return new FsCheckpointStorageLocation(
                        fileSystem,
                        location.getCheckpointDirectory(),
                        location.getSharedStateDirectory(),
                        location.getTaskOwnedStateDirectory(),
                        location.getLocationReference(),
                        fileSizeThreshold,
                        writeBufferSize) {
                    @Override
                    public CheckpointMetadataOutputStream createMetadataOutputStream() throws IOException {
                        Path checkpoint = Path.of(getCheckpointDirectory().toUri());
                        return new LastStep(super.createMetadataOutputStream(), checkpoint, disk);
                    }
                };
            }
        };
    }

    private static void force(Path checkpoint) throws IOException {
        List<Path> files;
        try (Stream<Path> all = Files.list(checkpoint)) {
            files = all.filter(Files::isRegularFile).toList();
        }
        for (Path file : files) {
            forceOne(file);
        }
        // The folder of the checkpoint, of its run, and of all runs: a folder holds the names of what is in it.
        forceOne(checkpoint);
        forceOne(checkpoint.resolve(".."));
        forceOne(checkpoint.resolve("../.."));
    }

    /** A file, or the names in a folder. */
    private static void forceOne(Path path) throws IOException {
        try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }

    /** The metadata, which is written when everything else of the checkpoint has been. */
    private static final class LastStep extends CheckpointMetadataOutputStream {
        private final CheckpointMetadataOutputStream metadata;
        private final Path checkpoint;
        private final Disk disk;

        LastStep(CheckpointMetadataOutputStream metadata, Path checkpoint, Disk disk) {
            this.metadata = metadata;
            this.checkpoint = checkpoint;
            this.disk = disk;
        }

        @Override
        public CompletedCheckpointStorageLocation closeAndFinalizeCheckpoint() throws IOException {
            CompletedCheckpointStorageLocation completed = metadata.closeAndFinalizeCheckpoint();
            disk.force(checkpoint);
            return completed;
        }

        @Override
        public void write(int b) throws IOException {
            metadata.write(b);
        }

        @Override
        public void write(byte[] bytes, int from, int length) throws IOException {
            metadata.write(bytes, from, length);
        }

        @Override
        public long getPos() throws IOException {
            return metadata.getPos();
        }

        @Override
        public void flush() throws IOException {
            metadata.flush();
        }

        @Override
        public void sync() throws IOException {
            metadata.sync();
        }

        @Override
        public void close() throws IOException {
            metadata.close();
        }
    }
}
