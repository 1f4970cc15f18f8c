package org.dapt.method.subspace;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.dapt.error.InputException;
import org.dapt.method.LearntTask;
import org.dapt.tensor.Placement;
import org.dapt.tensor.Scopes;

/**
 * A protected space as learnt tasks keep it, each no more than what it changed: the directions that
 * it added, or a basis of the complement where that has fewer columns. So all tasks together keep
 * at most d of them, and none has to be written twice.
 *
 * @param name of the space
 * @param width d
 */
public record KeptSpace(String name, long width) {
  private static final String ADDED = ".added";
  private static final String FREE = ".free";

  /**
   * The space after {@code learnt}, in float64 and this process's memory.
   *
   * @throws InputException if a task keeps nothing of the space, or what does not fit
   */
  public ProtectedSpace after(List<LearntTask> learnt, Placement placement) {
    ProtectedSpace space =
        ProtectedSpace.nothing(placement.host().zeros(ScalarType.Double, width, 0));
    for (LearntTask task : learnt) {
      Tensor free = task.attention().get(name + FREE);
      Tensor kept = free == null ? task.attention().get(name + ADDED) : free;
      if (kept == null || kept.dim() != 2 || kept.size(0) != width || kept.size(1) > width) {
        throw new InputException(
            "The attention of task %s holds no space of inputs %s of %d dimensions, which the next task is to leave alone; it was not learnt by this method with this model and these lora.targets"
                .formatted(task.task(), name, width));
      }
      Tensor columns = kept.to(ScalarType.Double).cpu();
      space = free == null ? space.with(columns) : ProtectedSpace.allBut(columns);
    }
    return space;
  }

  /**
   * What a task keeps, by name: copies on the model's device, in the type of what is learnt, that
   * outlive the open scopes.
   *
   * @param added the directions that it added
   * @param after the space with them
   */
  public Map<String, Tensor> kept(Tensor added, ProtectedSpace after, Placement placement) {
    boolean fewer = after.complement() && after.basis().size(1) < added.size(1);
    Tensor columns = (fewer ? after.basis() : added).to(placement.learnt()).contiguous().clone();
    return Map.of(name + (fewer ? FREE : ADDED), Scopes.keep(placement.placed(columns)));
  }

  /** What a task keeps that added nothing; it belongs to the open scope. */
  public Map<String, Tensor> nothing(Placement placement) {
    return Map.of(name + ADDED, placement.zeros(placement.learnt(), width, 0));
  }

  /**
   * {@code task} with empty spaces in the place of all that it keeps, which are for later tasks
   * alone; they belong to the open scope.
   */
  public static LearntTask emptied(LearntTask task) {
    Map<String, Tensor> attention = new LinkedHashMap<>(task.attention());
    attention.replaceAll(
        (name, tensor) ->
            (name.endsWith(ADDED) || name.endsWith(FREE)) && tensor.dim() == 2
                ? tensor.narrow(1, 0, 0).clone()
                : tensor);
    return new LearntTask(task.task(), task.block(), attention, task.meanAttention());
  }

  /** Whether {@code task} keeps this space. */
  public boolean isIn(LearntTask task) {
    return task.attention().containsKey(name + ADDED) || task.attention().containsKey(name + FREE);
  }
}
