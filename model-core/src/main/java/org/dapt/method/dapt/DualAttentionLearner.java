package org.dapt.method.dapt;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.dapt.backbone.Adaptation;
import org.dapt.backbone.Backbone;
import org.dapt.backbone.Source;
import org.dapt.method.InputPass;
import org.dapt.method.Learner;
import org.dapt.method.LearntTask;
import org.dapt.method.MethodContext;
import org.dapt.method.ParameterSet;
import org.dapt.method.Replay;
import org.dapt.method.StepTerm;
import org.dapt.pet.BlockBank;
import org.dapt.tensor.Placement;
import org.dapt.tensor.Scopes;
import org.dapt.tensor.Tensors;

/** A task being learnt by a {@link DualAttention} method. */
final class DualAttentionLearner implements Learner {
  private static final String BLOCK = "block.";
  private static final String REFLECTION = "reflection";
  private static final int POOLED_AT_ONCE = 64;

  private final MethodContext context;
  private final String task;
  private final ParameterSet parameters;
  private final BlockBank bank;
  private final Tensor olderKeys;
  private final QueryInput input;
  private final QueryNetwork network;
  private final AttentionOptions attention;
  private final ReflectionOptions options;
  private final Reflection reflection;
  private final ReplayDraw draw;

  /** The earlier task of each replayed input, counted from 0. */
  private final int[] taskOf;

  private final MeanAttention meanAttention;

  /**
   * @param block initial values of the new task's block
   * @param key initial values of its key
   * @param input what the queries are made of; it is closed with this
   * @param initialNetwork the query network to go on with
   */
  DualAttentionLearner(
      DualAttention method,
      MethodContext context,
      List<LearntTask> learnt,
      String task,
      Map<String, Tensor> block,
      Tensor key,
      QueryInput input,
      QueryNetwork initialNetwork,
      List<Replay> replay) {
    this.context = context;
    this.task = task;
    this.input = input;
    Map<String, Tensor> initial = new LinkedHashMap<>();
    block.forEach((name, tensor) -> initial.put(BLOCK + name, tensor));
    initial.put(DualAttention.KEY, key);
    initial.putAll(initialNetwork.tensors());
    Backbone backbone = context.backbone();
    parameters = new ParameterSet(initial, backbone.placement());
    network = QueryNetwork.of(parameters.tensors());
    olderKeys = learnt.isEmpty() ? null : Scopes.keep(Tensors.cat(method.keys(learnt), 0));
    bank = method.bank(context, learnt, stripped(parameters.tensors()));
    attention = AttentionOptions.of(context);
    options = ReflectionOptions.of(context);
    draw = new ReplayDraw(context.seed(), task, options.maxSamples(), options.perTask());
    taskOf = taskOf(replay);
    reflection = reflection(learnt.size() + 1, replay);
    meanAttention = new MeanAttention(this, learnt.size() + 1);
  }

  @Override
  public ParameterSet parameters() {
    return parameters;
  }

  @Override
  public Tensor attentionWeights(Source source) {
    return attention().weights(input.of(source));
  }

  @Override
  public Adaptation adapt(Source source, Tensor weights) {
    return bank.mix(weights);
  }

  @Override
  public List<StepTerm> stepTerms() {
    return List.of(new StepTerm(REFLECTION, options.lambda(), this::divergence));
  }

  @Override
  public double learningRate(String name, double ofTask) {
    return name.startsWith(BLOCK) ? ofTask : attention.learningRate(ofTask);
  }

  private Tensor divergence(long step) {
    return reflection == null
        ? null
        : draw.of(reflection, taskOf, step, context.backbone().placement()).divergence(attention());
  }

  @Override
  public InputPass beforeTraining() {
    if (!attention.fittedKey()) {
      return null;
    }
    SharedAttention older =
        olderKeys == null ? null : new SharedAttention(network, olderKeys, attention.temperature());
    return new FittedKey(
        input, network, older, reflection, taskOf, parameters.get(DualAttention.KEY));
  }

  @Override
  public InputPass afterTraining() {
    return meanAttention;
  }

  @Override
  public LearntTask learnt() {
    Map<String, Tensor> copies = parameters.copies();
    Map<String, Tensor> kept = new LinkedHashMap<>(copies);
    kept.keySet().removeIf(name -> name.startsWith(BLOCK));
    kept.putAll(input.copies());
    return new LearntTask(task, stripped(copies), kept, meanAttention.mean());
  }

  @Override
  public void close() {
    bank.close();
    parameters.close();
    input.close();
    Scopes.release(olderKeys);
    if (reflection != null) {
      Scopes.release(reflection.pooled());
      Scopes.release(reflection.targets());
      Scopes.release(reflection.shares());
    }
  }

  /** The attention with the parameters as they are now. */
  SharedAttention attention() {
    Tensor newest = parameters.get(DualAttention.KEY).unsqueeze(0);
    Tensor keys = olderKeys == null ? newest : Tensors.cat(List.of(olderKeys, newest), 0);
    return new SharedAttention(network, keys, attention.temperature());
  }

  /**
   * Pools the replayed inputs once: their embeddings are frozen, so a step needs nothing else of
   * them.
   */
  private Reflection reflection(int tasks, List<Replay> replay) {
    List<Tensor> pooled = new ArrayList<>();
    List<double[]> targets = new ArrayList<>();
    Backbone backbone = context.backbone();
    try (NoGradGuard guard = new NoGradGuard();
        PointerScope scope = new PointerScope()) {
      for (Replay replayed : replay) {
        double[] target = padded(replayed, tasks);
        for (int from = 0; from < replayed.sources().size(); from += POOLED_AT_ONCE) {
          int to = Math.min(from + POOLED_AT_ONCE, replayed.sources().size());
          List<int[]> part = replayed.sources().subList(from, to);
          pooled.add(Scopes.inScope(() -> input.of(backbone.source(part))));
          part.forEach(source -> targets.add(target));
        }
      }
      if (pooled.isEmpty()) {
        return null;
      }
      double[] flat = new double[targets.size() * tasks];
      for (int i = 0; i < targets.size(); i++) {
        System.arraycopy(targets.get(i), 0, flat, i * tasks, tasks);
      }
      Placement placement = backbone.placement();
      Tensor matrix = placement.of(placement.learnt(), flat, targets.size(), tasks);
      return new Reflection(
          Scopes.keep(Tensors.cat(pooled, 0)),
          Scopes.keep(matrix),
          Scopes.keep(draw.shares(taskOf, placement)));
    }
  }

  /** Inputs of one name in a row are of one task. */
  private static int[] taskOf(List<Replay> replay) {
    int[] taskOf = new int[replay.stream().mapToInt(replayed -> replayed.sources().size()).sum()];
    int at = 0;
    int earlier = -1;
    String name = null;
    for (Replay replayed : replay) {
      if (!replayed.task().equals(name)) {
        name = replayed.task();
        earlier++;
      }
      Arrays.fill(taskOf, at, at + replayed.sources().size(), earlier);
      at += replayed.sources().size();
    }
    return taskOf;
  }

  /** The target of {@code replayed}, filled with zeros for the tasks learnt after it. */
  private static double[] padded(Replay replayed, int tasks) {
    double[] padded = new double[tasks];
    for (int i = 0; i < replayed.meanAttention().size(); i++) {
      padded[i] = replayed.meanAttention().get(i);
    }
    return padded;
  }

  private static Map<String, Tensor> stripped(Map<String, Tensor> parameters) {
    Map<String, Tensor> block = new LinkedHashMap<>();
    parameters.forEach(
        (name, tensor) -> {
          if (name.startsWith(BLOCK)) {
            block.put(name.substring(BLOCK.length()), tensor);
          }
        });
    return block;
  }
}
