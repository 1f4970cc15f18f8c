package org.example.scale;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.random.RandomGenerator;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.dapt.backbone.Adaptation;
import org.dapt.backbone.Projection;
import org.dapt.backbone.Source;
import org.dapt.error.InputException;
import org.dapt.method.BatchTerm;
import org.dapt.method.ContinualMethod;
import org.dapt.method.Example;
import org.dapt.method.Learner;
import org.dapt.method.LearntTask;
import org.dapt.method.MethodContext;
import org.dapt.method.OptionReader;
import org.dapt.method.ParameterSet;
import org.dapt.method.Predictor;
import org.dapt.method.Replay;
import org.dapt.method.Trait;
import org.dapt.random.KeyedRandom;
import org.dapt.tensor.ComputeType;
import org.dapt.tensor.Placement;

/**
 * Learns, for every task alone, factors by which the outputs of the attention's value projections
 * are multiplied (after (IA)³, Liu et al. 2022). Inputs must be known to be of their task.
 */
public final class TaskScale implements ContinualMethod {
  private static final Set<String> VALUES = Set.of("v", "v_proj");
  private static final Set<String> VALUES_AND_KEYS = Set.of("v", "v_proj", "k", "k_proj");

  /**
   * The section {@code method.options}.
   *
   * @param spread factors start uniformly in 1 ± spread
   * @param keys whether key projections are scaled too
   * @param zLoss factor of the z-loss
   */
  record Options(double spread, boolean keys, double zLoss) {
    static Options read(OptionReader in) {
      return new Options(
          in.positive("spread", 0.01), in.flag("keys", false), in.number("z-loss", 0, 1, 1e-4));
    }
  }

  @Override
  public String name() {
    return "task-scale";
  }

  @Override
  public Set<Trait> traits() {
    return Set.of(Trait.NEEDS_TASK);
  }

  @Override
  public void readOptions(OptionReader in) {
    Options.read(in);
  }

  @Override
  public Learner begin(
      MethodContext context, List<LearntTask> learnt, String task, List<Replay> replay) {
    Options options = context.own(Options::read);
    Placement placement = context.backbone().placement();
    RandomGenerator random = KeyedRandom.of(context.seed(), "initial-values", task);
    try (PointerScope scope = new PointerScope()) {
      Map<String, Tensor> start = new LinkedHashMap<>();
      for (Projection projection : scaled(context)) {
        double[] factors =
            random.doubles(projection.out(), 1 - options.spread(), 1 + options.spread()).toArray();
        start.put(projection.name(), placement.of(placement.learnt(), factors, factors.length));
      }
      return new Training(task, new ParameterSet(start, placement), placement.type(), options);
    }
  }

  @Override
  public Predictor restore(MethodContext context, List<LearntTask> learnt, String evaluated) {
    LearntTask task =
        learnt.stream()
            .filter(candidate -> candidate.task().equals(evaluated))
            .findFirst()
            .orElseThrow(
                () -> new InputException("task-scale has not learnt the task " + evaluated));
    for (Projection projection : scaled(context)) {
      Tensor factors = task.block().get(projection.name());
      if (factors == null || factors.dim() != 1 || factors.size(0) != projection.out()) {
        throw new InputException(
            "block of task %s: expected %d factors for %s; it belongs to another model or method"
                .formatted(evaluated, projection.out(), projection.name()));
      }
    }
    return new Scaling(task.block(), context.backbone().type());
  }

  private static List<Projection> scaled(MethodContext context) {
    Set<String> roles = context.own(Options::read).keys() ? VALUES_AND_KEYS : VALUES;
    return context.backbone().projections().stream()
        .filter(projection -> roles.contains(projection.role()))
        .toList();
  }

  /** Multiplies by the factors as they are when it is asked to. */
  private record Scaling(Map<String, Tensor> factors, ComputeType type) implements Predictor {
    @Override
    public Adaptation adapt(Source source, Tensor weights) {
      return (projection, x, output) -> {
        Tensor own = factors.get(projection);
        return own == null ? output : output.mul(own.to(type.scalar()));
      };
    }

    /** The factors are the caller's. */
    @Override
    public void close() {}
  }

  /** A task being learnt. */
  private record Training(String task, ParameterSet parameters, ComputeType type, Options options)
      implements Learner {
    /** The z-loss: the mean of log² Z over the examples' first target tokens (PaLM, 2022). */
    @Override
    public List<BatchTerm> batchTerms() {
      return List.of(new BatchTerm("z_loss", options.zLoss(), List::size, Training::sumOfSquares));
    }

    private static Tensor sumOfSquares(BatchTerm.Forward forward) {
      Tensor normalisers = forward.logits().logsumexp(1L).square();
      Tensor sum = null;
      long first = 0;
      for (Example example : forward.examples()) {
        Tensor own = normalisers.select(0, first);
        sum = sum == null ? own : sum.add(own);
        first += example.target().length;
      }
      return sum;
    }

    @Override
    public Adaptation adapt(Source source, Tensor weights) {
      return new Scaling(parameters.tensors(), type).adapt(source, weights);
    }

    @Override
    public LearntTask learnt() {
      return new LearntTask(task, parameters.copies(), Map.of(), List.of());
    }

    @Override
    public void close() {
      parameters.close();
    }
  }
}
