package org.dapt.method.dapt;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
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
  private static final String SELECTION = "selection";
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

  /** What the attention sees of the task's own inputs; null before the pass over them. */
  private Tensor own;

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
    return attention.ownShare() == 0
        ? List.of(new StepTerm(REFLECTION, options.lambda(), this::divergence))
        : List.of(
            new StepTerm(REFLECTION, options.lambda(), this::divergence),
            new StepTerm(SELECTION, options.lambda(), step -> ownDivergence()));
  }

  /**
   * {@code mean KL(s ‖ w)} over own inputs, where s is the share that the new block is to have of
   * them and w its weight, both against all others together: how the older blocks share the rest is
   * left to the cross-entropy.
   */
  private Tensor ownDivergence() {
    if (reflection == null || own == null) {
      return null;
    }
    double share = attention.ownShare();
    long older = olderKeys.size(0);
    Tensor logWeights = attention().logWeights(own);
    Tensor newest = logWeights.select(1, older);
    Tensor others = logWeights.narrow(1, 0, older).logsumexp(new long[] {1});
    return newest
        .mul(new Scalar(-share))
        .add(others.mul(new Scalar(share - 1)))
        .mean()
        .add(new Scalar(share * Math.log(share) + (1 - share) * Math.log(1 - share)));
  }

  @Override
  public double learningRate(String name, double ofTask) {
    return name.startsWith(BLOCK) ? ofTask : attention.rateFactor() * ofTask;
  }

  private Tensor divergence(long step) {
    return reflection == null
        ? null
        : draw.of(reflection, taskOf, step, context.backbone().placement()).divergence(attention());
  }

  @Override
  public InputPass beforeTraining() {
    return attention.fittedKey() || attention.ownShare() > 0
        ? new OwnInputs(input, this::takeOwn)
        : null;
  }

  private void takeOwn(Tensor seen) {
    Placement placement = context.backbone().placement();
    Scopes.release(own);
    own = Scopes.keep(placement.placed(seen.to(placement.learnt())));
    if (attention.fittedKey()) {
      Tensor queries = onHost(network.query(own));
      Tensor key =
          olderKeys == null
              ? FittedKey.first(queries)
              : FittedKey.behind(
                  queries, earlierQueries(), onHost(olderKeys), attention.temperature());
      parameters.get(DualAttention.KEY).copy_(key);
    }
  }

  /** Queries of the replayed inputs of each earlier task. */
  private List<Tensor> earlierQueries() {
    List<Tensor> queries = new ArrayList<>();
    if (reflection != null) {
      Tensor all = onHost(network.query(reflection.pooled()));
      for (int from = 0; from < taskOf.length; ) {
        int to = from;
        while (to < taskOf.length && taskOf[to] == taskOf[from]) {
          to++;
        }
        queries.add(all.narrow(0, from, to - from));
        from = to;
      }
    }
    return queries;
  }

  private static Tensor onHost(Tensor tensor) {
    return tensor.to(ScalarType.Double).cpu();
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
    Scopes.release(own);
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
