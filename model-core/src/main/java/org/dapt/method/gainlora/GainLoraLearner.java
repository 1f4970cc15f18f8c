package org.dapt.method.gainlora;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.dapt.backbone.Source;
import org.dapt.method.InputPass;
import org.dapt.method.LearntTask;
import org.dapt.method.MethodContext;
import org.dapt.method.Passes;
import org.dapt.method.StepTerm;
import org.dapt.method.UpdateRule;
import org.dapt.method.inflora.DesignedBlock;
import org.dapt.method.lora.LoraLearner;
import org.dapt.pet.LoraBlock;
import org.dapt.random.KeyedRandom;
import org.dapt.tensor.Placement;
import org.dapt.tensor.Scopes;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A task being learnt by {@link GainLora}: its block and its gate, behind those of earlier ones.
 */
final class GainLoraLearner extends LoraLearner {
  private static final Logger LOG = LoggerFactory.getLogger(GainLoraLearner.class);
  private static final String GATE = "gate.";

  private final MethodContext context;
  private final GainLoraOptions options;
  private final List<Gate> older;
  private final String task;
  private final BaseBlock base;
  private final GateSpaces spaces;

  /** What is kept of the inputs' p₀, p₁ and p₂; empty before the pass after training. */
  private Map<String, Tensor> grown = Map.of();

  private GainLoraLearner(
      MethodContext context,
      List<LearntTask> learnt,
      String task,
      GainLoraOptions options,
      BaseBlock base,
      Map<String, Tensor> initial,
      GateSpaces spaces) {
    super(context, learnt, task, initial, base.fixed());
    this.context = context;
    this.options = options;
    this.task = task;
    this.base = base;
    this.spaces = spaces;
    older = Gates.of(context, learnt, options.cosine());
  }

  /**
   * Begins a task.
   *
   * @param start initial values of its block
   */
  static GainLoraLearner of(
      MethodContext context, List<LearntTask> learnt, String task, LoraBlock start) {
    GainLoraOptions options = context.own(GainLoraOptions::read);
    int width = context.backbone().width();
    Placement placement = context.backbone().placement();
    Map<String, Tensor> gate =
        Gate.random(
            width, options.hidden(), KeyedRandom.of(context.seed(), "gate", task), placement);
    if (!learnt.isEmpty()) {
      Gate before = Gate.of(learnt.get(learnt.size() - 1), width, options.cosine());
      gate.put(Gate.G1, before.g1());
      gate.put(Gate.G2, before.g2());
    }
    GateSpaces spaces = new GateSpaces(learnt, width, gate.get(Gate.G1).size(0), placement);
    if (!spaces.stuck().isEmpty()) {
      LOG.warn(
          "Task {}: earlier tasks' inputs span all dimensions of what these layers of its gate see, which can learn nothing more: {}. A smaller method.options.gate-epsilon protects less; a larger method.options.hidden, in another run, leaves {} more room",
          task,
          String.join(", ", spaces.stuck()),
          Gate.G2);
    }
    BaseBlock base =
        options.designs()
            ? new BaseBlock.Designed(
                new DesignedBlock(context, learnt, task, options.infLora(), start), start)
            : new BaseBlock.Orthogonal(context, learnt, start, options.oLora());
    gate.put(Gate.G3, spaces.born(gate.get(Gate.G3)));
    Map<String, Tensor> initial = new LinkedHashMap<>(base.trained());
    initial.putAll(gate);
    return new GainLoraLearner(context, learnt, task, options, base, initial, spaces);
  }

  @Override
  public Tensor attentionWeights(Source source) {
    List<Gate> all = new ArrayList<>(older);
    all.add(gate());
    return new Gates(all).values(context, source);
  }

  private Gate gate() {
    return Gate.of(parameters().tensors(), options.cosine());
  }

  @Override
  public InputPass beforeTraining() {
    List<InputPass> passes = new ArrayList<>(base.before(this::adapt));
    if (options.fitted()) {
      passes.add(
          new LayerMoments(
              List.of(context.backbone().width()),
              source -> layers(source).subList(2, 3),
              moments -> fit(moments.get(0))));
    }
    return Passes.inTurn(passes);
  }

  /** Turns G₃, which keeps its length. */
  private void fit(Tensor moments) {
    Placement placement = context.backbone().placement();
    Tensor g3 = parameters().get(Gate.G3);
    Tensor strongest = spaces.strongest(moments, options.infLora().spectrum());
    if (strongest.count_nonzero().item_long() == 0) {
      LOG.warn(
          "Task {}: what its inputs come to in the gate lies in what earlier tasks' inputs span ({} of its {} dimensions), so its gate stays shut and nothing is learnt. A smaller method.options.gate-epsilon protects less",
          task,
          spaces.ranks().get(2),
          context.backbone().width());
    }
    g3.copy_(placement.placed(strongest.to(placement.learnt())).mul(g3.norm()));
  }

  @Override
  public InputPass afterTraining() {
    int width = context.backbone().width();
    List<InputPass> passes = new ArrayList<>(base.after(this::adapt));
    passes.add(
        new LayerMoments(
            List.of(width, Math.toIntExact(gate().g1().size(0)), width), this::layers, this::grow));
    return Passes.inTurn(passes);
  }

  private List<Tensor> layers(Source source) {
    return gate().layers(Gate.pooled(context.backbone(), source));
  }

  private void grow(List<Tensor> moments) {
    grown.values().forEach(Scopes::release);
    grown =
        spaces.grown(
            moments,
            options.infLora().spectrum(),
            options.retention().threshold(older.size(), context.tasks()),
            task);
  }

  @Override
  public UpdateRule updateRule() {
    return spaces.rule();
  }

  @Override
  public boolean decays(String parameter) {
    return !parameter.startsWith(GATE);
  }

  @Override
  public List<StepTerm> stepTerms() {
    return base.terms(parameters());
  }

  @Override
  public LearntTask learnt() {
    Map<String, Tensor> kept = new LinkedHashMap<>(base.kept());
    try (NoGradGuard guard = new NoGradGuard()) {
      gate().tensors().forEach((name, tensor) -> kept.put(name, copy(tensor.detach())));
      grown.forEach((name, tensor) -> kept.put(name, copy(tensor)));
      if (grown.isEmpty()) {
        kept.putAll(spaces.nothing());
      }
    }
    return new LearntTask(task, block(), kept, List.of());
  }

  private static Tensor copy(Tensor tensor) {
    return Scopes.inScope(tensor::clone);
  }

  @Override
  public void close() {
    super.close();
    base.close();
    spaces.close();
    grown.values().forEach(Scopes::release);
  }
}
