package org.dapt.train;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.dapt.tensor.Scopes;

/** Keeps the state after one step, as a file would. */
final class KeptState implements Checkpointer, AutoCloseable {
  private final PointerScope scope = new PointerScope();
  private final int step;
  boolean restores;
  private TrainerState state;
  private List<StepRecord> records;

  KeptState(int step) {
    this.step = step;
  }

  @Override
  public List<StepRecord> restore(Trainer trainer) {
    if (!restores) {
      return new ArrayList<>();
    }
    trainer.restore(state);
    return new ArrayList<>(records);
  }

  @Override
  public boolean isDue(long taken) {
    return taken == step && state == null;
  }

  @Override
  public void keep(Trainer trainer, List<StepRecord> steps) {
    TrainerState now = trainer.state();
    BestState best = now.best();
    state =
        new TrainerState(
            now.step(),
            copy(now.values()),
            copy(now.mean()),
            copy(now.square()),
            best == null ? null : new BestState(best.choice(), copy(best.values())),
            copies(now.decided()));
    records = List.copyOf(steps);
  }

  private Map<String, Tensor> copies(Map<String, Tensor> tensors) {
    Map<String, Tensor> copies = new HashMap<>();
    tensors.forEach((name, tensor) -> copies.put(name, copy(tensor)));
    return copies;
  }

  /** Outlives the scopes of the training. */
  private Tensor copy(Tensor tensor) {
    Tensor copy = Scopes.keep(tensor.clone());
    scope.attach(copy);
    return copy;
  }

  @Override
  public void close() {
    scope.close();
  }
}
