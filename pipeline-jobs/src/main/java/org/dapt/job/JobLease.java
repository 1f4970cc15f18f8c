package org.dapt.job;

import org.apache.hadoop.fs.Path;
import org.dapt.run.Lease;
import org.dapt.run.LeaseTimes;

/** The lease of a job on the folder that it writes. */
public final class JobLease {
  private JobLease() {}

  /** Acquires it; throws {@link org.dapt.error.LeaseException} where another process has it. */
  public static Lease of(JobContext context, Path folder) {
    return Lease.acquire(
        context.run().files(), new Path(folder, Lease.FILE), LeaseTimes.standard());
  }
}
