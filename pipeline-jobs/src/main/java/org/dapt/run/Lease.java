package org.dapt.run;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.dapt.error.LeaseException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The right to write a directory, kept in a file of it. The owner's sign of life is a counter in
 * the file that grows with every heartbeat. A newcomer watches the counter by its own clock: if it
 * moves the owner lives, if it stands the newcomer takes over with the next fencing token. Neither
 * the times of files nor the clocks of two machines are compared.
 *
 * <p>An owner that stood still for so long that it was taken for dead finds another owner in the
 * file: hence {@link #check} before everything that others can see. Safe for use by several
 * threads.
 */
public final class Lease implements AutoCloseable {
  /**
   * The name of the lease of a folder that tables lie in: Spark and pandas take no notice of files
   * whose names start with an underscore.
   */
  public static final String FILE = "_LEASE";

  private static final Logger LOG = LoggerFactory.getLogger(Lease.class);

  /** Those of this process that are not closed. */
  private static final Set<Lease> OPEN = ConcurrentHashMap.newKeySet();

  private final Path path;
  private final LeaseFile file;
  private final LeaseTimes times;
  private final ScheduledExecutorService heart;

  private LeaseContent mine;

  /** Why the lease is lost; null while it is held. */
  private String lost;

  private Lease(Path path, LeaseFile file, LeaseContent mine, LeaseTimes times) {
    this.path = path;
    this.file = file;
    this.mine = mine;
    this.times = times;
    this.heart =
        Executors.newSingleThreadScheduledExecutor(
            task -> {
              Thread thread = new Thread(task, "lease-heartbeat");
              thread.setDaemon(true);
              return thread;
            });
  }

  /**
   * Acquires the lease in {@code path}, whose folder is created if need be. Returns at once if the
   * file does not exist, after {@link LeaseTimes#watch} if its owner is dead.
   *
   * @throws LeaseException if a living process holds it
   * @throws org.dapt.error.ConfigException if the file cannot be written
   */
  public static Lease acquire(FileSystem files, Path path, LeaseTimes times) {
    Path qualified = files.makeQualified(path);
    LeaseFile file = LeaseFile.at(files, qualified);
    LeaseContent mine = new LeaseAcquisition(qualified, file, times).run();
    Lease lease = new Lease(qualified, file, mine, times);
    lease.startHeart();
    OPEN.add(lease);
    return lease;
  }

  /** Closes all leases of this process, which ends: nobody then waits whether it lives. */
  public static void releaseAll() {
    List.copyOf(OPEN).forEach(Lease::close);
  }

  /** The fencing token: greater than that of every owner whom this one took over from. */
  public synchronized long token() {
    return mine.token();
  }

  /**
   * Makes sure that the lease is still held. To be called right before anything is published.
   *
   * @throws LeaseException if it is lost, or cannot be confirmed
   */
  public synchronized void check() {
    if (lost == null) {
      try {
        confirm();
      } catch (IOException e) {
        throw new LeaseException(
            "The lease %s cannot be read, so that it is unknown whether this process may still write. Run the job again; it goes on where it stopped."
                .formatted(path),
            e);
      }
    }
    if (lost != null) {
      throw new LeaseException(
          "The lease %s is lost: %s. Nothing more is written. If the other process is gone, run the job again; it goes on where it stopped."
              .formatted(path, lost));
    }
  }

  /** Ends the heartbeat and deletes the file if it is still this owner's. */
  @Override
  public void close() {
    OPEN.remove(this);
    heart.shutdown();
    synchronized (this) {
      if (lost != null) {
        return;
      }
      try {
        confirm();
        if (lost == null) {
          file.delete();
          lost = "it was closed";
        }
      } catch (IOException e) {
        LOG.warn(
            "The lease {} could not be deleted: the next job waits {} s before it takes over",
            path,
            times.watch().toSeconds(),
            e);
      }
    }
  }

  private void startHeart() {
    long interval = times.heartbeat().toNanos();
    ScheduledFuture<?> unused =
        heart.scheduleAtFixedRate(this::beat, interval, interval, TimeUnit.NANOSECONDS);
  }

  private synchronized void beat() {
    if (lost != null) {
      return;
    }
    try {
      long start = System.nanoTime();
      confirm();
      if (lost != null) {
        LOG.error("The lease {} is lost: {}", path, lost);
        return;
      }
      LeaseContent next = mine.beat();
      file.replace(next.toBytes());
      mine = next;
      Duration took = Duration.ofNanos(System.nanoTime() - start);
      if (took.compareTo(times.watch()) > 0) {
        // Between the look and the renaming another one may have taken over and be overwritten now.
        lost =
            "a heartbeat took %d s, another process may have taken over"
                .formatted(took.toSeconds());
        LOG.error("The lease {} is lost: {}", path, lost);
      }
    } catch (IOException | RuntimeException e) {
      LOG.warn("A heartbeat of the lease {} failed", path, e);
    }
  }

  /** Looks into the file and remembers if it is not this owner's any more. Under this lock. */
  private void confirm() throws IOException {
    Optional<byte[]> bytes = file.read();
    if (bytes.isEmpty()) {
      lost = "its file is gone";
      return;
    }
    Optional<LeaseContent> found = LeaseContent.parse(bytes.get());
    if (found.isEmpty()) {
      lost = "its file is damaged";
    } else if (!found.get().sameOwner(mine)) {
      lost = "it is held by %s (token %d)".formatted(found.get().owner(), found.get().token());
    }
  }
}
