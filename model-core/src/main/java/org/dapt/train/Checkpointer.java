package org.dapt.train;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** Keeps states of training, so that one that was cut off goes on. */
public interface Checkpointer {
  /** Keeps nothing. */
  Checkpointer NONE =
      new Checkpointer() {
        @Override
        public List<StepRecord> restore(Trainer trainer) {
          return new ArrayList<>();
        }

        @Override
        public boolean isDue(long step) {
          return false;
        }

        @Override
        public void keep(Trainer trainer, List<StepRecord> steps) {}
      };

  /**
   * Puts {@code trainer} into the newest state, if there is one. To be called by all ranks.
   *
   * @return what was recorded of the steps that need not be taken again, as a list that can grow;
   *     its size is the same on all ranks
   */
  List<StepRecord> restore(Trainer trainer) throws IOException;

  /**
   * Whether the state is to be kept now; asked after every step.
   *
   * @param step that was taken last
   */
  boolean isDue(long step);

  /**
   * Keeps the state.
   *
   * @param steps what was recorded of all steps so far; complete on rank 0 alone
   */
  void keep(Trainer trainer, List<StepRecord> steps);
}
