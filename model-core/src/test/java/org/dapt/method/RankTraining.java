package org.dapt.method;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Future;
import org.bytedeco.javacpp.PointerScope;
import org.dapt.exchange.GradientExchange;
import org.dapt.exchange.ThreadGang;
import org.dapt.tensor.ComputeType;
import org.dapt.tensor.Tensors;
import org.dapt.train.Steps;
import org.dapt.train.Trainer;
import org.dapt.train.TrainerOptions;

/**
 * A third task learnt by ranks that share its batches.
 *
 * @param type of the model
 * @param steps of the task
 * @param seed of the run
 */
record RankTraining(String method, String model, ComputeType type, int steps, long seed) {
  RankTraining(String method, String model, ComputeType type, int steps) {
    this(method, model, type, steps, 1);
  }

  /**
   * The default rate: training at a higher one can amplify rounding. At thirty times this rate a
   * last-bit difference grows tenfold every four steps on one of the models.
   */
  static final TrainerOptions TRAINING = TinyStream.training(3e-4);

  /**
   * What came of it.
   *
   * @param gradient of the first batch, as one vector
   * @param terms those of the loss beside the cross-entropy, of all steps
   * @param parameters after the last step, as one vector
   */
  record Outcome(double[] gradient, List<Map<String, Double>> terms, double[] parameters) {}

  /** The outcome of rank 0, after a check that all ranks hold the same bits. */
  Outcome with(String exchange, int ranks) throws Exception {
    List<Future<Outcome>> results =
        new ThreadGang(exchange, ranks, Duration.ofSeconds(60)).start(this::train);
    Outcome first = results.get(0).get();
    for (Future<Outcome> result : results) {
      assertThat(result.get().parameters()).isEqualTo(first.parameters());
      assertThat(result.get().terms()).isEqualTo(first.terms());
    }
    return first;
  }

  private Outcome train(GradientExchange exchange) {
    try (PointerScope scope = new PointerScope();
        TinyStream stream = new TinyStream(method, model, type, seed, TRAINING)) {
      stream.learn(2, 2);
      try (Learner learner = stream.begin("later");
          Trainer trainer = new Trainer(stream.backbone, learner, exchange, TRAINING)) {
        Steps.gradients(trainer, own(stream, 0, exchange));
        double[] gradient = Tensors.toDoubles(learner.parameters().gradient());
        List<Map<String, Double>> terms = new ArrayList<>();
        for (int step = 0; step < steps; step++) {
          terms.add(trainer.step(own(stream, step, exchange)).terms());
        }
        return new Outcome(gradient, terms, Tensors.toDoubles(learner.parameters().values()));
      }
    }
  }

  /**
   * This rank's part of a batch; every fifth batch is so small that ranks behind the second idle.
   */
  private static List<Example> own(TinyStream stream, int step, GradientExchange exchange) {
    List<Example> batch = stream.examples(step, step % 5 == 4 ? 2 : TinyStream.BATCH);
    List<Example> own = new ArrayList<>();
    for (int i = exchange.rank(); i < batch.size(); i += exchange.ranks()) {
      own.add(batch.get(i));
    }
    return own;
  }
}
