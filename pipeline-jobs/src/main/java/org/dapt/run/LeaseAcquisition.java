package org.dapt.run;

import java.io.IOException;
import java.time.Duration;
import java.util.Arrays;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.hadoop.fs.Path;
import org.dapt.error.ConfigException;
import org.dapt.error.LeaseException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** How a newcomer comes to a lease: it finds none, or finds that of a dead owner. */
final class LeaseAcquisition {
  private static final Logger LOG = LoggerFactory.getLogger(LeaseAcquisition.class);

  /** Processes that this one has found dead: their other leases need not be watched again. */
  private static final Set<String> DEAD = ConcurrentHashMap.newKeySet();

  private final Path path;
  private final LeaseFile file;
  private final LeaseTimes times;

  LeaseAcquisition(Path path, LeaseFile file, LeaseTimes times) {
    this.path = path;
    this.file = file;
    this.times = times;
  }

  /** What now stands in the file, written by this process. */
  LeaseContent run() {
    try {
      while (true) {
        LeaseContent first = LeaseContent.ofThisProcess(1);
        long start = System.nanoTime();
        if (file.create(first.toBytes())) {
          if (!file.exclusive()) {
            settle(first, start);
          }
          return first;
        }
        Optional<byte[]> standing = watch();
        if (standing.isPresent()) {
          return takeOver(standing.get());
        }
        // Its owner ended in the meantime.
      }
    } catch (IOException e) {
      throw new ConfigException(
          "The lease %s cannot be written: %s. Check run.dir (or --output): a folder is expected that can be created and written."
              .formatted(path, e.getMessage() == null ? e.getClass().getSimpleName() : e),
          e);
    }
  }

  /** The content that stood for the whole time; empty if the file vanished. */
  private Optional<byte[]> watch() throws IOException {
    Optional<byte[]> seen = file.read();
    if (seen.isEmpty()) {
      return seen;
    }
    Optional<LeaseContent> known = LeaseContent.parse(seen.get());
    if (known.isPresent() && DEAD.contains(known.get().process())) {
      return seen;
    }
    LOG.info(
        "The lease {} exists ({}); watching for up to {} s whether its owner lives",
        path,
        owner(seen.get()),
        times.watch().toSeconds());
    long start = System.nanoTime();
    while (System.nanoTime() - start < times.watch().toNanos()) {
      pause(times.heartbeat().dividedBy(6));
      Optional<byte[]> now = file.read();
      if (now.isEmpty()) {
        return now;
      }
      if (!Arrays.equals(now.get(), seen.get())) {
        throw held(now.get());
      }
    }
    return seen;
  }

  private LeaseContent takeOver(byte[] standing) throws IOException {
    Optional<LeaseContent> dead = LeaseContent.parse(standing);
    LeaseContent mine = LeaseContent.ofThisProcess(dead.map(LeaseContent::token).orElse(0L) + 1);
    long start = System.nanoTime();
    Optional<byte[]> now = file.read();
    if (now.isEmpty() || !Arrays.equals(now.get(), standing)) {
      throw held(now.orElse(standing));
    }
    file.replace(mine.toBytes());
    settle(mine, start);
    dead.filter(owner -> !owner.isOfThisProcess()).ifPresent(owner -> DEAD.add(owner.process()));
    LOG.warn(
        "The lease {} was taken over with token {}: its former owner ({}) gave no sign of life for"
            + " {} s",
        path,
        mine.token(),
        owner(standing),
        times.watch().toSeconds());
    return mine;
  }

  /**
   * Makes sure that of several newcomers at once the one whose content stands goes on alone.
   *
   * @param start when this one looked whether it may write, in nanoseconds
   */
  private void settle(LeaseContent mine, long start) throws IOException {
    // Slower than the others' look whether they are alone: one of them may be at work already.
    boolean late = System.nanoTime() - start > times.settle().toNanos();
    pause(times.settle());
    Optional<byte[]> settled = file.read();
    if (settled.isEmpty() || !Arrays.equals(settled.get(), mine.toBytes())) {
      throw held(settled.orElseGet(() -> new byte[0]));
    }
    if (late) {
      throw new LeaseException(
          "The lease %s was written too slowly to be sure that no other job did the same at once. Run the job again."
              .formatted(path));
    }
  }

  private LeaseException held(byte[] content) {
    return new LeaseException(
        "%s is written by another job: its lease %s is held by %s. Wait until that job has ended or stop it, or take another directory; a dead job's lease is taken over after %d s."
            .formatted(path.getParent(), path, owner(content), times.watch().toSeconds()));
  }

  private static String owner(byte[] content) {
    return LeaseContent.parse(content)
        .map(LeaseContent::owner)
        .orElse("an unknown process, the file is empty or damaged");
  }

  private void pause(Duration duration) {
    try {
      Thread.sleep(Math.max(1, duration.toMillis()));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new LeaseException("Interrupted while waiting for the lease " + path, e);
    }
  }
}
