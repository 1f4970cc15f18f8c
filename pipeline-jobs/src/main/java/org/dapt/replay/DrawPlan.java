package org.dapt.replay;

import java.io.Serializable;
import org.apache.spark.util.SerializableConfiguration;
import org.dapt.config.ReplaySettings;
import org.dapt.job.JobContext;
import org.dapt.method.Sections;
import org.dapt.models.ModelSource;

/**
 * What drawing samples needs.
 *
 * @param options of the blocks of {@code source}
 * @param seed of the run
 * @param source answers with samples
 * @param topK tokens to draw from
 * @param repetitionPenalty 1 is none
 * @param maxTokens longest sample in tokens
 */
record DrawPlan(
    SerializableConfiguration hadoop,
    ModelSource model,
    Sections options,
    long seed,
    SampleSource source,
    int topK,
    double repetitionPenalty,
    int maxTokens)
    implements Serializable {
  /** Drawing as the configuration has it. */
  static DrawPlan of(JobContext context, Sections options, SampleSource source) {
    ReplaySettings replay = context.config().replay();
    return new DrawPlan(
        context.serializableHadoop(),
        context.model(),
        options,
        context.config().run().seed(),
        source,
        replay.topK(),
        replay.repetitionPenalty(),
        replay.maxTokens());
  }
}
