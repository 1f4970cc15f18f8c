package org.dapt.method.inflora;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.dapt.backbone.Adaptation;
import org.dapt.backbone.Backbone;
import org.dapt.backbone.Projection;
import org.dapt.backbone.Source;
import org.dapt.method.InputPass;
import org.dapt.method.LearntTask;
import org.dapt.method.MethodContext;
import org.dapt.method.ModelPasses;
import org.dapt.method.lora.LoraOptions;
import org.dapt.method.subspace.Directions;
import org.dapt.method.subspace.InputMoments;
import org.dapt.method.subspace.KeptSpace;
import org.dapt.method.subspace.ProtectedSpace;
import org.dapt.pet.LoraBlock;
import org.dapt.tensor.Placement;
import org.dapt.tensor.Scopes;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The matrices A of a new block, designed before its task is learnt so that the block adds nothing
 * to what earlier tasks' inputs give; and the memory of these inputs.
 *
 * <p>With H the inputs of a layer at the task's training tokens, as the model has them before the
 * task, P the projector on the space that earlier tasks need, and X as the {@link
 * org.dapt.method.subspace.Spectrum} says, {@code A = (the first r left singular vectors of X − P
 * X)ᵀ / √3}. After the task, with the inputs of then, the space grows by the fewest left singular
 * vectors of X − P X with which it holds εₜ of X. Layers that share an input share A and space.
 */
public final class DesignedBlock implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(DesignedBlock.class);

  /** The expected norm of a row of a Kaiming-uniform A is 1/√3. */
  private static final double ROW_NORM = 1 / Math.sqrt(3);

  private static final String SPACE = "space.";

  private final MethodContext context;
  private final List<LearntTask> older;
  private final String task;
  private final InfLoraOptions options;

  /** A of every adapted projection, by its name in the block. */
  private final Map<String, Tensor> matrices = new LinkedHashMap<>();

  /** How many directions were found for A of each projection so far. */
  private final Map<String, Integer> found = new LinkedHashMap<>();

  /** What the task keeps of each of its inputs, by name; empty before the pass after training. */
  private final Map<String, Map<String, Tensor>> kept = new LinkedHashMap<>();

  /**
   * A block that is yet to be designed.
   *
   * @param older the tasks before it, the oldest first
   * @param start its A until then, which are copied
   */
  public DesignedBlock(
      MethodContext context,
      List<LearntTask> older,
      String task,
      InfLoraOptions options,
      LoraBlock start) {
    this.context = context;
    this.older = List.copyOf(older);
    this.task = task;
    this.options = options;
    try (PointerScope scope = new PointerScope();
        NoGradGuard guard = new NoGradGuard()) {
      for (Projection projection : context.adapted()) {
        Tensor a = start.a(projection.name());
        matrices.put(projection.name() + LoraBlock.A, Scopes.keep(a.clone()));
      }
    }
  }

  /** The matrices of {@code start} that are trained. */
  public static Map<String, Tensor> trained(LoraBlock start) {
    Map<String, Tensor> ups = new LinkedHashMap<>(start.tensors());
    ups.keySet().removeIf(name -> !name.endsWith(LoraBlock.B));
    return ups;
  }

  /** A of every adapted projection by its name in the block; they change with the first pass. */
  public Map<String, Tensor> matrices() {
    return matrices;
  }

  /** Those of {@link #before} and {@link #after}. */
  public static ModelPasses passes(List<Projection> adapted) {
    return new ModelPasses(0, 2 * InputMoments.passes(adapted), 0, 0);
  }

  /**
   * The passes that design the matrices, through the model before the task.
   *
   * @param adaptation of the earlier blocks; the new one adds nothing yet
   */
  public List<InputPass> before(Function<Source, Adaptation> adaptation) {
    return InputMoments.of(context.backbone(), context.adapted(), adaptation, this::design);
  }

  /**
   * The passes that let the spaces grow, through the model after the task.
   *
   * @param adaptation of all blocks
   */
  public List<InputPass> after(Function<Source, Adaptation> adaptation) {
    return InputMoments.of(context.backbone(), context.adapted(), adaptation, this::grow);
  }

  /**
   * What the task keeps of its inputs, by name: copies in the caller's scope; empty before the
   * passes after training.
   */
  public Map<String, Tensor> kept() {
    Map<String, Tensor> copies = new LinkedHashMap<>();
    for (Map<String, Tensor> ofInput : kept.values()) {
      ofInput.forEach((name, tensor) -> copies.put(name, Scopes.inScope(tensor::clone)));
    }
    return copies;
  }

  /** What a task keeps that protects nothing. */
  public Map<String, Tensor> nothing() {
    Map<String, Tensor> none = new LinkedHashMap<>();
    for (KeptSpace space : spaces(context)) {
      none.putAll(space.nothing(context.backbone().placement()));
    }
    return none;
  }

  /** Whether {@code task} keeps the spaces of its inputs. */
  static boolean isKeptBy(MethodContext context, LearntTask task) {
    return spaces(context).stream().allMatch(space -> space.isIn(task));
  }

  private static List<KeptSpace> spaces(MethodContext context) {
    List<KeptSpace> spaces = new ArrayList<>();
    InputMoments.inputs(context.backbone(), context.adapted())
        .forEach((input, width) -> spaces.add(space(input, width)));
    return spaces;
  }

  private static KeptSpace space(String input, long width) {
    return new KeptSpace(SPACE + input, width);
  }

  private void design(String input, Tensor moments) {
    Backbone backbone = context.backbone();
    ProtectedSpace space = space(input, moments.size(0)).after(older, backbone.placement());
    long room = space.width() - space.rank();
    Directions directions = Directions.outside(space, moments, options.spectrum());
    for (Projection projection : context.adapted()) {
      if (backbone.input(projection).name().equals(input)) {
        Tensor a = matrices.get(projection.name() + LoraBlock.A);
        int rank = Math.toIntExact(a.size(0));
        found.put(projection.name(), directions.found(rank, room));
        Placement placement = backbone.placement();
        a.copy_(placement.placed(rows(directions, rank, room).to(placement.learnt())));
      }
    }
    if (found.size() == context.adapted().size()) {
      int rank = LoraOptions.of(context).rank();
      lack(found, rank, older.isEmpty()).ifPresent(lack -> LOG.warn("Task {}: {}", task, lack));
    }
  }

  /**
   * What to say of layers that have fewer directions than a block has rows; empty where none has.
   *
   * @param found how many each layer has
   * @param rank r of the block
   * @param first whether there is no earlier task
   */
  static Optional<String> lack(Map<String, Integer> found, int rank, boolean first) {
    List<Map.Entry<String, Integer>> lacking =
        found.entrySet().stream()
            .filter(layer -> layer.getValue() < rank)
            .sorted(Map.Entry.comparingByValue())
            .toList();
    if (lacking.isEmpty()) {
      return Optional.empty();
    }
    return Optional.of(
        "in %d of %d adapted layers its inputs have fewer than lora.r = %d directions%s, the fewest (%d) in %s: further rows of A are 0 and learn nothing%s"
            .formatted(
                lacking.size(),
                found.size(),
                rank,
                first ? "" : " outside of what earlier tasks need",
                lacking.get(0).getValue(),
                lacking.get(0).getKey(),
                first ? "" : ". A smaller method.options.epsilon protects less"));
  }

  /**
   * A of {@code rank} rows, {@code [r, d]} in float64.
   *
   * @param room how many dimensions earlier tasks leave
   */
  static Tensor rows(Directions directions, int rank, long room) {
    return directions.rows(rank, room).mul(new Scalar(ROW_NORM));
  }

  private void grow(String input, Tensor moments) {
    Placement placement = context.backbone().placement();
    KeptSpace name = space(input, moments.size(0));
    ProtectedSpace space = name.after(older, placement);
    Tensor added =
        Directions.outside(space, moments, options.spectrum())
            .fewest(
                options.retention().threshold(older.size(), context.tasks()),
                space.width() - space.rank());
    ProtectedSpace grown = space.with(added);
    LOG.debug(
        "Task {}: {} of {} dimensions of {} are protected",
        task,
        grown.rank(),
        grown.width(),
        input);
    release(kept.put(input, name.kept(added, grown, placement)));
  }

  private static void release(Map<String, Tensor> tensors) {
    if (tensors != null) {
      tensors.values().forEach(Scopes::release);
    }
  }

  @Override
  public void close() {
    matrices.values().forEach(Scopes::release);
    kept.values().forEach(DesignedBlock::release);
  }
}
