package org.dapt.replay;

import java.io.IOException;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.random.RandomGenerator;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.api.java.function.FlatMapFunction;
import org.bytedeco.javacpp.PointerScope;
import org.dapt.backbone.Backbone;
import org.dapt.decode.Sampler;
import org.dapt.method.MethodContext;
import org.dapt.method.Predictor;
import org.dapt.models.Models;
import org.dapt.random.KeyedRandom;
import org.dapt.spark.HeapExhausted;
import org.dapt.spark.TaskThreads;
import org.dapt.tokenizer.TextTokenizer;

/**
 * Draws texts that hold samples: one Spark task for some batches of samples. Every sample has a
 * random generator of its own, and the batches are the same whatever the cluster, so what is drawn
 * does not depend on it.
 */
final class DrawSamples implements FlatMapFunction<Iterator<DrawSamples.Batch>, String> {
  private static final long serialVersionUID = 1L;

  /** Samples that are drawn together; fixed, for the rounding of a batch is its own. */
  private static final int BATCH = 16;

  private final DrawPlan plan;
  private final int attempt;

  /** Samples of a task that are drawn together. */
  record Batch(String task, List<Integer> samples) implements Serializable {}

  private DrawSamples(DrawPlan plan, int attempt) {
    this.plan = plan;
    this.attempt = attempt;
  }

  /**
   * Draws what {@code harvests} miss, those of all tasks together, until there is nothing or the
   * attempts are used up. Each attempt draws anew.
   */
  static void fill(
      JavaSparkContext spark, DrawPlan plan, List<TaskHarvest> harvests, int attempts) {
    for (int attempt = 1; attempt <= attempts; attempt++) {
      List<Batch> batches = new ArrayList<>();
      harvests.forEach(of -> add(batches, of.task(), of.harvest().missing()));
      if (batches.isEmpty()) {
        return;
      }
      Iterator<String> texts =
          spark
              .parallelize(batches, batches.size())
              .mapPartitions(new DrawSamples(plan, attempt))
              .collect()
              .iterator();
      for (TaskHarvest of : harvests) {
        for (int sample : of.harvest().missing()) {
          of.harvest().add(sample, attempt, texts.next());
        }
      }
    }
  }

  private static void add(List<Batch> batches, String task, List<Integer> samples) {
    for (int from = 0; from < samples.size(); from += BATCH) {
      int to = Math.min(from + BATCH, samples.size());
      batches.add(new Batch(task, new ArrayList<>(samples.subList(from, to))));
    }
  }

  /** The texts of all samples of {@code batches}, in their order. */
  @Override
  public Iterator<String> call(Iterator<Batch> batches) throws Exception {
    return HeapExhausted.guard(() -> draw(batches));
  }

  private Iterator<String> draw(Iterator<Batch> batches) throws IOException {
    TaskThreads.use();
    Configuration hadoop = plan.hadoop().value();
    Backbone backbone = Models.backbone(plan.model(), hadoop);
    TextTokenizer tokenizer = Models.tokenizer(plan.model(), hadoop);
    MethodContext context = new MethodContext(backbone, plan.options(), plan.seed());
    Sampler sampler =
        new Sampler(backbone, plan.maxTokens(), plan.topK(), plan.repetitionPenalty());
    List<String> texts = new ArrayList<>();
    while (batches.hasNext()) {
      Batch batch = batches.next();
      int[] request = tokenizer.encode(plan.source().request(batch.task()), plan.maxTokens()).ids();
      try (PointerScope scope = new PointerScope();
          Predictor predictor = plan.source().open(context, hadoop, batch.task())) {
        sampler
            .sample(request, predictor, generators(batch))
            .forEach(ids -> texts.add(tokenizer.decode(ids)));
      }
    }
    return texts.iterator();
  }

  private List<RandomGenerator> generators(Batch batch) {
    List<RandomGenerator> generators = new ArrayList<>();
    for (int sample : batch.samples()) {
      List<Object> key = new ArrayList<>(plan.source().key(batch.task()));
      key.add(attempt);
      key.add(sample);
      generators.add(KeyedRandom.of(plan.seed(), key.toArray()));
    }
    return generators;
  }
}
