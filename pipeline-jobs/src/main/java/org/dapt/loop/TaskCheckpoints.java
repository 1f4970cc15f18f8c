package org.dapt.loop;

import java.io.IOException;
import java.util.Map;
import java.util.TreeMap;
import org.apache.hadoop.fs.Path;
import org.dapt.config.CheckpointSettings;
import org.dapt.digest.Sha256;
import org.dapt.job.JobContext;
import org.dapt.run.TaskLayout;

/** The checkpoints in the folder of a job, for as long as the job is not done. */
public record TaskCheckpoints(JobContext context) {
  /**
   * How often and where the job in {@code jobFolder} keeps checkpoints.
   *
   * @param inputs digests of what is learnt from
   */
  public CheckpointPlan plan(Path jobFolder, Map<String, String> inputs) {
    CheckpointSettings settings = context.config().checkpoint();
    return new CheckpointPlan(
        new Path(jobFolder, TaskLayout.CHECKPOINTS).toString(),
        fingerprint(inputs),
        settings.steps(),
        settings.interval(),
        settings.kept());
  }

  /**
   * How far the job in {@code jobFolder} got before it was cut off; 0 where it was not.
   *
   * @param inputs digests of everything besides the configuration that decides its result
   */
  public long newestStep(Path jobFolder, Map<String, String> inputs) throws IOException {
    return Checkpoints.newestStep(
        context.run().files(), new Path(jobFolder, TaskLayout.CHECKPOINTS), fingerprint(inputs));
  }

  public void delete(Path jobFolder) throws IOException {
    Checkpoints.delete(context.run().files(), new Path(jobFolder, TaskLayout.CHECKPOINTS));
  }

  private String fingerprint(Map<String, String> inputs) {
    return Sha256.of(context.config().hash() + new TreeMap<>(inputs));
  }
}
