package org.dapt.learn;

import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.ToDoubleBiFunction;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.dapt.backbone.Backbone;
import org.dapt.data.reader.Split;
import org.dapt.data.shard.PreparedTask;
import org.dapt.data.shard.Projection;
import org.dapt.data.shard.ShardReader;
import org.dapt.data.shard.TokenisedExample;
import org.dapt.decode.Decoded;
import org.dapt.decode.GreedyDecoder;
import org.dapt.gang.RankContext;
import org.dapt.method.Learner;
import org.dapt.metric.AnswerMetric;
import org.dapt.random.Draw;
import org.dapt.random.KeyedRandom;
import org.dapt.tensor.Tensors;
import org.dapt.tokenizer.TextTokenizer;
import org.dapt.train.DevScore;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The score of a task's dev examples, answered with what is learnt so far as an evaluation answers
 * those of test: greedily, in per cent of the metric. Each rank answers those of its shards.
 */
final class DevAnswers implements DevScore {
  private static final Logger LOG = LoggerFactory.getLogger(DevAnswers.class);

  private final DevPlan plan;
  private final PreparedTask data;
  private final Backbone backbone;
  private final TextTokenizer tokenizer;
  private final RankContext context;
  private final long all;
  private final List<TokenisedExample> own = new ArrayList<>();

  /**
   * Reads this rank's examples.
   *
   * @param seed of the run
   */
  DevAnswers(
      DevPlan plan,
      PreparedTask data,
      long seed,
      Backbone backbone,
      TextTokenizer tokenizer,
      RankContext context)
      throws IOException {
    this.plan = plan;
    this.data = data;
    this.backbone = backbone;
    this.tokenizer = tokenizer;
    this.context = context;
    Set<Long> drawn = drawn(seed);
    all = drawn.size();
    for (int shard = context.rank(); shard < data.shards(); shard += context.ranks()) {
      try (ShardReader reader = data.reader(Split.DEV, shard, Projection.ALL)) {
        reader.forEach(
            row -> {
              if (drawn.contains(row.index())) {
                own.add(row);
              }
            });
      }
    }
  }

  /** The indices of the examples that are answered, the same on every rank. */
  private Set<Long> drawn(long seed) {
    long examples = data.manifest().split(Split.DEV).examples();
    Draw draw =
        new Draw(
            Math.min(plan.examples(), examples),
            examples,
            KeyedRandom.of(seed, "dev", data.manifest().task()));
    Set<Long> drawn = new HashSet<>();
    for (long index = 0; index < examples; index++) {
      if (draw.next()) {
        drawn.add(index);
      }
    }
    return drawn;
  }

  private AnswerMetric metric() {
    return plan.metrics().get(data.manifest().task());
  }

  @Override
  public double of(Learner learner, long step) {
    double[] sums = new double[data.shards()];
    ToDoubleBiFunction<String, List<String>> scorer = metric().scorer();
    List<Decoded> answers =
        new GreedyDecoder(backbone, plan.maxNewTokens(), plan.batchTokens())
            .decode(own.stream().map(TokenisedExample::sourceIds).toList(), learner);
    for (int i = 0; i < answers.size(); i++) {
      TokenisedExample example = own.get(i);
      String answer = tokenizer.decode(answers.get(i).tokens(), plan.cleanUpSpaces());
      sums[(int) (example.index() % sums.length)] +=
          scorer.applyAsDouble(answer, example.references());
    }
    double score = 100 * sumOverRanks(sums) / all;
    if (context.rank() == 0) {
      LOG.info(
          "Task {} after step {}: {} {} on {} dev {}",
          data.manifest().task(),
          step,
          metric().text(),
          String.format(Locale.ROOT, "%.2f", score),
          all,
          all == 1 ? "example" : "examples");
    }
    return score;
  }

  /**
   * The sum of all shards. All but one of the ranks add zero to that of a shard, which changes no
   * bit, and all ranks add up the shards in one order: so equal answers give equal scores whatever
   * the number of ranks, and all ranks come to the same choice.
   */
  private double sumOverRanks(double[] own) {
    try (PointerScope scope = new PointerScope()) {
      Tensor shared = backbone.placement().host().of(ScalarType.Double, own, own.length);
      context.exchange().sum(shared);
      double sum = 0;
      for (double shard : Tensors.toDoubles(shared)) {
        sum += shard;
      }
      return sum;
    }
  }
}
