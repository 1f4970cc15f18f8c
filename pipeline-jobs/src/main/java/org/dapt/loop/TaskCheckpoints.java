package org.dapt.loop;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.Map;
import java.util.TreeMap;
import org.apache.hadoop.fs.Path;
import org.dapt.config.CheckpointSettings;
import org.dapt.job.JobContext;
import org.dapt.tensor.Digests;

/** The checkpoints in the folder of a job, for as long as the job is not done. */
public record TaskCheckpoints(JobContext context) {
  private static final String FOLDER = "checkpoints";

  /**
   * How often and where the job in {@code jobFolder} keeps checkpoints.
   *
   * @param inputs digests of what is learnt from
   */
  public CheckpointPlan plan(Path jobFolder, Map<String, String> inputs) {
    CheckpointSettings settings = context.config().checkpoint();
    return new CheckpointPlan(
        new Path(jobFolder, FOLDER).toString(),
        fingerprint(inputs),
        settings.steps(),
        settings.interval(),
        settings.kept());
  }

  public void delete(Path jobFolder) throws IOException {
    Checkpoints.delete(context.run().files(), new Path(jobFolder, FOLDER));
  }

  private String fingerprint(Map<String, String> inputs) {
    MessageDigest digest = Digests.sha256();
    String all = context.config().hash() + new TreeMap<>(inputs);
    return HexFormat.of().formatHex(digest.digest(all.getBytes(StandardCharsets.UTF_8)));
  }
}
