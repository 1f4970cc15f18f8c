package org.dapt.method.dapt;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.dapt.backbone.Adaptation;
import org.dapt.backbone.Backbone;
import org.dapt.backbone.Source;
import org.dapt.method.Example;
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

  private final MethodContext context;
  private final String task;
  private final ParameterSet parameters;
  private final BlockBank bank;
  private final Tensor olderKeys;
  private final QueryInput input;
  private final QueryNetwork network;
  private final AttentionOptions attention;
  private final ReflectionOptions options;

  /** Null where nothing is replayed. */
  private final ReplayedInputs replayed;

  private final MeanAttention meanAttention;

  /** Learning rate of the block, as a factor of the task's. */
  private final double rateOfBlock;

  private final int prefix;

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
    olderKeys = learnt.isEmpty() ? null : Scopes.keep(Tensors.cat(Selection.keys(learnt), 0));
    bank = method.bank(context, learnt, stripped(parameters.tensors()));
    rateOfBlock = method.rateOfBlock(context);
    prefix = method.prefix(context.sections(), learnt.size() + 1);
    attention = AttentionOptions.of(context);
    network = network(parameters.tensors());
    options = ReflectionOptions.of(context);
    int tasks = learnt.size() + 1;
    replayed =
        ReplayedInputs.of(
            input,
            replay,
            new ReplayDraw(context.seed(), task, options.maxSamples(), options.perTask()),
            tasks);
    meanAttention = new MeanAttention(this::attended, tasks);
  }

  /** The query network as it learns, or out of reach of every gradient. */
  private QueryNetwork network(Map<String, Tensor> tensors) {
    if (attention.queriesLearn()) {
      return QueryNetwork.of(tensors);
    }
    Map<String, Tensor> frozen = new LinkedHashMap<>();
    QueryNetwork.of(tensors)
        .tensors()
        .forEach((name, tensor) -> frozen.put(name, Scopes.keep(tensor.detach())));
    return QueryNetwork.of(frozen);
  }

  @Override
  public ParameterSet parameters() {
    return parameters;
  }

  @Override
  public int prefixLength() {
    return prefix;
  }

  /** Those with which inputs are answered. */
  @Override
  public Tensor attentionWeights(Source source) {
    return attention.answering(attended(source));
  }

  /** Those that are learnt. */
  private Tensor attended(Source source) {
    return attention().weights(input.of(source));
  }

  @Override
  public Adaptation adapt(Source source, Tensor weights) {
    return bank.mix(weights);
  }

  @Override
  public Adaptation adaptForTraining(Source source, List<Example> examples, long step) {
    Tensor weights = attended(source);
    return adapt(source, attention.learnsInMixture() ? weights : newestAlone(weights));
  }

  private static Tensor newestAlone(Tensor weights) {
    Tensor alone = torch.zeros_like(weights);
    alone.select(1, weights.size(1) - 1).fill_(new Scalar(1.0));
    return alone;
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
    if (replayed == null || own == null) {
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
    if (name.startsWith(BLOCK)) {
      return rateOfBlock * ofTask;
    }
    boolean learns = attention.queriesLearn() || name.equals(DualAttention.KEY);
    return learns ? attention.rateFactor() * ofTask : 0;
  }

  private Tensor divergence(long step) {
    return replayed == null ? null : replayed.of(step).divergence(attention());
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
    if (replayed != null) {
      Tensor all = onHost(network.query(replayed.pooled()));
      int from = 0;
      for (int count : replayed.counts()) {
        queries.add(all.narrow(0, from, count));
        from += count;
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
    if (!attention.queriesLearn()) {
      network.tensors().values().forEach(Scopes::release);
    }
    if (replayed != null) {
      replayed.close();
    }
  }

  /** The attention with the parameters as they are now. */
  SharedAttention attention() {
    Tensor newest = parameters.get(DualAttention.KEY).unsqueeze(0);
    Tensor keys = olderKeys == null ? newest : Tensors.cat(List.of(olderKeys, newest), 0);
    return new SharedAttention(network, keys, attention.temperature());
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
