package org.dapt.method.gainlora;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.bytedeco.pytorch.Tensor;
import org.dapt.backbone.Adaptation;
import org.dapt.backbone.Source;
import org.dapt.method.InputPass;
import org.dapt.method.LearntTask;
import org.dapt.method.MethodContext;
import org.dapt.method.ParameterSet;
import org.dapt.method.StepTerm;
import org.dapt.method.inflora.DesignedBlock;
import org.dapt.method.olora.OLoraOptions;
import org.dapt.method.olora.Orthogonality;
import org.dapt.pet.LoraBlock;

/** How a block is kept away from earlier ones, beside its gate. */
interface BaseBlock extends AutoCloseable {
  /** The matrices that are trained, with their first values. */
  Map<String, Tensor> trained();

  /** The others, which are not; they live as long as this. */
  Map<String, Tensor> fixed();

  /**
   * Passes before training.
   *
   * @param adaptation of all blocks so far
   */
  List<InputPass> before(Function<Source, Adaptation> adaptation);

  /** Passes after training. */
  List<InputPass> after(Function<Source, Adaptation> adaptation);

  /** Terms of the loss while {@code parameters} learn. */
  List<StepTerm> terms(ParameterSet parameters);

  /** What the task keeps beside its block and gate, by name, in the caller's scope. */
  Map<String, Tensor> kept();

  @Override
  void close();

  /** As InfLoRA has it: A is designed, B is trained. */
  record Designed(DesignedBlock block, LoraBlock start) implements BaseBlock {
    @Override
    public Map<String, Tensor> trained() {
      return DesignedBlock.trained(start);
    }

    @Override
    public Map<String, Tensor> fixed() {
      return block.matrices();
    }

    @Override
    public List<InputPass> before(Function<Source, Adaptation> adaptation) {
      return block.before(adaptation);
    }

    @Override
    public List<InputPass> after(Function<Source, Adaptation> adaptation) {
      return block.after(adaptation);
    }

    @Override
    public List<StepTerm> terms(ParameterSet parameters) {
      return List.of();
    }

    @Override
    public Map<String, Tensor> kept() {
      Map<String, Tensor> kept = block.kept();
      return kept.isEmpty() ? block.nothing() : kept;
    }

    @Override
    public void close() {
      block.close();
    }
  }

  /** As O-LoRA has it: both matrices are trained, with a term of the loss. */
  final class Orthogonal implements BaseBlock {
    private final MethodContext context;
    private final List<LoraBlock> older;
    private final LoraBlock start;
    private final OLoraOptions options;

    /** Null before {@link #terms} is asked for. */
    private Orthogonality orthogonality;

    Orthogonal(
        MethodContext context, List<LearntTask> learnt, LoraBlock start, OLoraOptions options) {
      this.context = context;
      older = learnt.stream().map(task -> LoraBlock.of(task.block())).toList();
      this.start = start;
      this.options = options;
    }

    @Override
    public Map<String, Tensor> trained() {
      return start.tensors();
    }

    @Override
    public Map<String, Tensor> fixed() {
      return Map.of();
    }

    @Override
    public List<InputPass> before(Function<Source, Adaptation> adaptation) {
      return List.of();
    }

    @Override
    public List<InputPass> after(Function<Source, Adaptation> adaptation) {
      return List.of();
    }

    @Override
    public List<StepTerm> terms(ParameterSet parameters) {
      if (orthogonality == null) {
        Map<String, Tensor> block = new LinkedHashMap<>(parameters.tensors());
        block.keySet().removeIf(name -> !LoraBlock.isMatrix(name));
        orthogonality = new Orthogonality(context.adapted(), older, LoraBlock.of(block));
      }
      return options.terms(orthogonality);
    }

    @Override
    public Map<String, Tensor> kept() {
      return Map.of();
    }

    @Override
    public void close() {
      if (orthogonality != null) {
        orthogonality.close();
      }
    }
  }
}
