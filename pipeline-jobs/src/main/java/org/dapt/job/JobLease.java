package org.dapt.job;

import org.apache.hadoop.fs.Path;
import org.dapt.run.Lease;
import org.dapt.run.LeaseTimes;

/** The lease of a job on the folder that it writes. */
public final class JobLease {
  /** Spark and pandas take no notice of files whose names start with an underscore. */
  private static final String FILE = "_LEASE";

  private JobLease() {}

  /** Acquires it; throws {@link org.dapt.error.LeaseException} where another process has it. */
  public static Lease of(JobContext context, Path folder) {
    return Lease.acquire(context.run().files(), new Path(folder, FILE), LeaseTimes.standard());
  }
}
