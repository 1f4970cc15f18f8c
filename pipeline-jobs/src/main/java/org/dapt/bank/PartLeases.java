package org.dapt.bank;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.dapt.run.Lease;
import org.dapt.run.LeaseTimes;
import org.dapt.run.RunDirectory;
import org.dapt.run.RunFolder;

/**
 * The leases that jobs left in the parts of a run that they wrote: of those that prepare, evaluate
 * and replay beside others, and so do not hold the run's own.
 */
public final class PartLeases implements AutoCloseable {
  private final FileSystem files;
  private final Path root;
  private final Map<Path, Lease> held = new LinkedHashMap<>();

  /** Those of {@code run}; none is acquired yet. */
  public PartLeases(RunDirectory run) {
    files = run.files();
    root = run.root();
  }

  /**
   * Acquires all that are there and not held yet.
   *
   * @throws org.dapt.error.LeaseException if a living process has one
   */
  public void acquire() throws IOException {
    for (RunFolder kind : RunFolder.values()) {
      for (FileStatus part : list(kind.in(root))) {
        Path lease = new Path(part.getPath(), Lease.FILE);
        if (part.isDirectory() && !held.containsKey(lease) && files.exists(lease)) {
          held.put(lease, Lease.acquire(files, lease, LeaseTimes.standard()));
        }
      }
    }
  }

  private FileStatus[] list(Path folder) throws IOException {
    try {
      return files.listStatus(folder);
    } catch (FileNotFoundException e) {
      return new FileStatus[0];
    }
  }

  @Override
  public void close() {
    held.values().forEach(Lease::close);
    held.clear();
  }
}
