package org.dapt.method.lora;

import java.util.List;
import java.util.random.RandomGenerator;
import org.bytedeco.pytorch.Tensor;
import org.dapt.backbone.Adaptation;
import org.dapt.backbone.Source;
import org.dapt.method.Example;
import org.dapt.method.Learner;
import org.dapt.method.LearntTask;
import org.dapt.method.MethodContext;
import org.dapt.method.ParameterSet;
import org.dapt.method.Predictor;
import org.dapt.pet.DroppedInput;
import org.dapt.random.KeyedRandom;

/**
 * The generator of a task's pseudo samples: a LoRA block of its own that answers one fixed prompt
 * with the inputs of the task, so that the task's data need not be kept (arXiv 2401.08295, section
 * 3.3).
 */
public final class SampleGenerator {
  private static final String NAME = "generator of ";

  private SampleGenerator() {}

  /**
   * Starts to train the generator of {@code task}.
   *
   * @param context its options are those of the generator's block
   * @param dropout on the block's inputs, at least 0 and below 1
   */
  public static Learner begin(MethodContext context, String task, double dropout) {
    // Its initial values are not those of the task's own block.
    String name = NAME + task;
    Learner plain = new LoraLearner(context, List.of(), name, LoraOptions.initial(context, name));
    return new WithDropout(plain, context, task, dropout);
  }

  /** A trained generator. */
  public static Predictor restore(MethodContext context, LearntTask generator) {
    return new LoraPredictor(context, List.of(generator));
  }

  private record WithDropout(Learner plain, MethodContext context, String task, double rate)
      implements Learner {
    @Override
    public ParameterSet parameters() {
      return plain.parameters();
    }

    @Override
    public Adaptation adapt(Source source, Tensor weights) {
      return plain.adapt(source, weights);
    }

    @Override
    public Adaptation adaptForTraining(Source source, List<Example> examples, long step) {
      List<RandomGenerator> generators =
          examples.stream()
              .map(e -> KeyedRandom.of(context.seed(), "dropout", task, step, "row " + e.row()))
              .toList();
      return DroppedInput.of(
          plain.adapt(source), context.adapted(), rate, generators, context.backbone().placement());
    }

    @Override
    public LearntTask learnt() {
      return plain.learnt();
    }

    @Override
    public void close() {
      plain.close();
    }
  }
}
