package org.dapt.replay;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.random.RandomGenerator;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.spark.api.java.function.FlatMapFunction;
import org.bytedeco.javacpp.PointerScope;
import org.dapt.backbone.Backbone;
import org.dapt.decode.Sampler;
import org.dapt.method.LearntTask;
import org.dapt.method.MethodContext;
import org.dapt.method.Predictor;
import org.dapt.method.lora.SampleGenerator;
import org.dapt.models.Models;
import org.dapt.random.KeyedRandom;
import org.dapt.run.TaskArtifacts;
import org.dapt.spark.HeapExhausted;
import org.dapt.spark.TaskThreads;
import org.dapt.tokenizer.TextTokenizer;

/**
 * Draws texts from a trained generator: one Spark task for some batches of samples. Every sample
 * has a random generator of its own, and the batches are the same whatever the cluster, so what is
 * drawn does not depend on it.
 */
final class DrawSamples implements FlatMapFunction<Iterator<List<Integer>>, String> {
  private static final long serialVersionUID = 1L;

  private final GeneratorPlan plan;
  private final int attempt;

  /**
   * @param attempt from 1; each draws anew
   */
  DrawSamples(GeneratorPlan plan, int attempt) {
    this.plan = plan;
    this.attempt = attempt;
  }

  /** The texts of all samples of {@code batches}, in their order. */
  @Override
  public Iterator<String> call(Iterator<List<Integer>> batches) throws Exception {
    return HeapExhausted.guard(() -> draw(batches));
  }

  private Iterator<String> draw(Iterator<List<Integer>> batches) throws IOException {
    TaskThreads.use();
    Configuration hadoop = plan.hadoop().value();
    Backbone backbone = Models.backbone(plan.model(), hadoop);
    TextTokenizer tokenizer = Models.tokenizer(plan.model(), hadoop);
    int[] prompt = tokenizer.encode(PseudoSample.PROMPT, plan.maxTokens()).ids();
    Sampler sampler =
        new Sampler(backbone, plan.maxTokens(), plan.topK(), plan.repetitionPenalty());
    List<String> texts = new ArrayList<>();
    try (PointerScope scope = new PointerScope()) {
      LearntTask generator =
          TaskArtifacts.readBlock(
              hadoop, new Path(plan.generator()), plan.task(), backbone.placement());
      MethodContext context = new MethodContext(backbone, plan.options(), plan.seed());
      try (Predictor predictor = SampleGenerator.restore(context, generator)) {
        while (batches.hasNext()) {
          List<RandomGenerator> generators =
              batches.next().stream()
                  .map(i -> KeyedRandom.of(plan.seed(), "pseudo-sample", plan.task(), attempt, i))
                  .toList();
          sampler
              .sample(prompt, predictor, generators)
              .forEach(ids -> texts.add(tokenizer.decode(ids)));
        }
      }
    }
    return texts.iterator();
  }
}
