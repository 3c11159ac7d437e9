package taxistream.job;

import java.io.DataInputStream;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.apache.flink.runtime.checkpoint.Checkpoints;
import org.apache.flink.runtime.checkpoint.OperatorState;
import org.apache.flink.runtime.checkpoint.metadata.CheckpointMetadata;
import taxistream.kinesis.KinesisSource;

/**
 * The folder of a local run's checkpoints: locked while in use by a lock that dies with the process. Mirrors
 * processor/store/layout.go.
 */
final class CheckpointFolder {
    private final Path dir;
    private FileLock lock; // held until the process ends

    CheckpointFolder(String dir) {
        this.dir = Path.of(dir).toAbsolutePath().normalize();
    }

    String uri() {
        return dir.toUri().toString();
    }

    void lock() throws IOException {
        if (dir.toString().contains("s3:/")) {
            throw new IOException("-checkpoint-dir: the local runner takes a folder; on a cluster Flink's own configuration names a bucket");
        }
        Files.createDirectories(dir);
        FileChannel file = FileChannel.open(dir.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        lock = file.tryLock();
        if (lock == null) {
            throw new IOException("checkpoint folder " + dir + " is in use by another processor: stop it, or choose another -checkpoint-dir");
        }
    }

    /** The newest checkpoint or savepoint that is whole, as a URI; empty where there is none. */
    String newest(boolean allowFreshStart) throws IOException {
        List<Path> there;
        try (Stream<Path> all = Files.walk(dir, 2)) {
            there = all.filter(p -> p.getFileName().toString().matches("chk-\\d+|savepoint-.*")).toList();
        }
        Optional<Path> newest = there.stream().map(p -> p.resolve("_metadata")).filter(Files::isRegularFile)
                .max(Comparator.comparing(CheckpointFolder::written));
        if (newest.isEmpty() && !there.isEmpty() && !allowFreshStart) {
            throw new IOException("checkpoints are in " + dir + " but none is whole: give -allow-fresh-start to start anew, or another -checkpoint-dir");
        }
        return newest.map(p -> p.getParent().toUri().toString()).orElse("");
    }

    /**
     * Looks into a checkpoint before a job is started from it.
     *
     * @throws IOException where it is not whole, or is of a job with another identity
     */
    static void check(String checkpoint, String identity) throws IOException {
        String path = checkpoint.startsWith("file:") ? Path.of(java.net.URI.create(checkpoint)).toString() : checkpoint;
        CheckpointMetadata meta;
        try (DataInputStream in = new DataInputStream(Files.newInputStream(Path.of(path, "_metadata")))) {
            meta = Checkpoints.loadCheckpointMetadata(in, CheckpointFolder.class.getClassLoader(), path);
        } catch (NoSuchFileException e) {
            throw new IOException("no savepoint is in " + path + ": name the folder that holds its _metadata");
        } catch (IOException | RuntimeException e) {
            throw new IOException("checkpoint " + path + " cannot be read: " + e.getMessage() + "; start from another one with -from-savepoint");
        }
        for (OperatorState s : meta.getOperatorStates()) {
            if (s.getCoordinatorState() != null) {
                KinesisSource.check(s.getCoordinatorState().getData(), identity);
            }
        }
    }

    private static java.nio.file.attribute.FileTime written(Path p) {
        try {
            return Files.getLastModifiedTime(p);
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    @Override
    public String toString() {
        return dir.toString();
    }
}
