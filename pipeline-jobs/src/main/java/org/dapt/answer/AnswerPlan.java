package org.dapt.answer;

import java.io.Serializable;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.util.SerializableConfiguration;
import org.dapt.config.DaptConfig;
import org.dapt.job.JobContext;
import org.dapt.method.Sections;
import org.dapt.models.ModelSource;
import org.dapt.run.LearntFolder;

/**
 * What it takes to answer inputs with the model after some tasks.
 *
 * @param learnt all tasks learnt so far, the oldest first
 * @param seed of the run
 * @param maxNewTokens most tokens of an answer
 * @param batchTokens most source tokens of a batch, padding included
 * @param cleanUpSpaces whether spaces before punctuation are taken out
 */
public record AnswerPlan(
    SerializableConfiguration hadoop,
    ModelSource model,
    String method,
    Sections methodOptions,
    List<LearntFolder> learnt,
    long seed,
    int maxNewTokens,
    int batchTokens,
    boolean cleanUpSpaces)
    implements Serializable {
  /** Answers as {@code config} says, with the model after {@code learnt}. */
  public static AnswerPlan of(DaptConfig config, Configuration hadoop, List<LearntFolder> learnt) {
    return new AnswerPlan(
        new SerializableConfiguration(hadoop),
        config.modelSource(),
        config.method().name(),
        JobContext.methodOptions(config),
        learnt,
        config.run().seed(),
        config.evaluate().maxNewTokens(),
        config.evaluate().batchTokens(),
        config.evaluate().cleanUpSpaces());
  }
}
