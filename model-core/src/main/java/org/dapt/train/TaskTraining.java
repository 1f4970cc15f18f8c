package org.dapt.train;

import java.io.IOException;
import java.util.List;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.dapt.backbone.Backbone;
import org.dapt.backbone.MicroBatches;
import org.dapt.backbone.Source;
import org.dapt.exchange.GradientExchange;
import org.dapt.method.Example;
import org.dapt.method.InputPass;
import org.dapt.method.Learner;

/**
 * One rank's part of learning a task: what the method has to know of the data before, the steps,
 * and what it has to know of them after. All ranks do the same, each on its part of the data; a
 * step is taken by {@link Trainer#step}.
 *
 * @param learner what learns; holds what was learnt afterwards
 * @param exchange the group of ranks
 * @param data this rank's part of the task's data
 */
public record TaskTraining(
    Backbone backbone, Learner learner, GradientExchange exchange, TaskData data) {
  /** Most tokens of a batch of a pass, padding included. */
  private static final int PASS_TOKENS = 8192;

  /** Numbers that are summed over the ranks at once: exchanges may hold them on the Java heap. */
  private static final long PIECE = 1 << 22;

  /**
   * Takes all steps that {@code checkpoints} do not have.
   *
   * @param steps optimizer steps in all, unless dev ends them early
   * @param selection which parameters are kept; null for the last ones
   * @param seen sees the steps that are taken now, on rank 0
   * @throws org.dapt.error.TrainingException where the loss is not finite, or ranks hold different
   *     parameters
   */
  public TakenSteps run(
      TrainerOptions options,
      long steps,
      DevSelection selection,
      Checkpointer checkpoints,
      Consumer<StepRecord> seen)
      throws IOException {
    passes(learner.beforeTraining());
    shareDecided();
    TakenSteps taken = steps(options, steps, selection, checkpoints, seen);
    passes(learner.afterTraining());
    return taken;
  }

  private TakenSteps steps(
      TrainerOptions options,
      long steps,
      DevSelection selection,
      Checkpointer checkpoints,
      Consumer<StepRecord> seen)
      throws IOException {
    try (Trainer trainer = new Trainer(backbone, learner, exchange, options)) {
      List<StepRecord> records = checkpoints.restore(trainer);
      long taken = records.size();
      StepLog log = new StepLog(trainer, records, exchange.rank() == 0 ? seen : null);
      try (TaskData.Batches batches = data.batches(taken)) {
        for (long step = taken + 1;
            step <= steps && !isOver(selection, step - 1, trainer);
            step++) {
          log.take(batches.next());
          if (log.isDue() || step == steps) {
            log.write();
          }
          // Before a checkpoint, which then holds what came of it.
          if (selection != null && selection.isDue(step, steps)) {
            log.write();
            trainer.best().offer(step, selection.score().of(learner, step));
          }
          if (checkpoints.isDue(step)) {
            log.write();
            checkpoints.keep(trainer, records);
          }
        }
      }
      trainer.best().take();
      trainer.compareRanks();
      BestState best = trainer.best().state();
      return new TakenSteps(records, best == null ? null : best.choice());
    }
  }

  private static boolean isOver(DevSelection selection, long step, Trainer trainer) {
    return selection != null && selection.isOver(step, trainer.best().state());
  }

  /** Puts what rank 0 decided before the first step in the place of what others did. */
  private void shareDecided() {
    if (exchange.ranks() == 1) {
      return;
    }
    try (NoGradGuard guard = new NoGradGuard()) {
      for (Tensor tensor : new TreeMap<>(learner.decided()).values()) {
        try (PointerScope scope = new PointerScope()) {
          Tensor values = tensor.cpu().to(ScalarType.Double).flatten().contiguous();
          if (exchange.rank() != 0) {
            values = torch.zeros_like(values);
          }
          exchange.sum(values);
          tensor.copy_(values.view(tensor.sizes()));
        }
      }
    }
  }

  /** Makes {@code first} and those that it has made next. */
  private void passes(InputPass first) throws IOException {
    for (InputPass pass = first; pass != null; pass = pass.then()) {
      pass(pass);
    }
  }

  /**
   * Makes {@code pass} over this rank's shards and hands it the sums over all ranks. What a shard
   * gives is the same whoever has it, and all ranks add that up in the order of the shards: so the
   * sums have the same bits for every number of ranks.
   *
   * <p>The ranks take one shard each before any of these is added up, so that they work at the same
   * time and wait for each other no longer than their shards differ.
   */
  private void pass(InputPass pass) throws IOException {
    try (NoGradGuard guard = new NoGradGuard();
        PointerScope scope = new PointerScope()) {
      Tensor sums = backbone.placement().host().zeros(ScalarType.Double, pass.entries());
      for (int first = 0; first < data.shards(); first += exchange.ranks()) {
        try (PointerScope inner = new PointerScope()) {
          int own = first + exchange.rank();
          addRound(first, own < data.shards() ? ofShard(pass, own) : null, sums);
        }
      }
      pass.take(sums);
    }
  }

  /** What the examples of a shard add, in this process's memory and the caller's scope. */
  private Tensor ofShard(InputPass pass, int shard) throws IOException {
    Tensor there = backbone.placement().zeros(ScalarType.Double, pass.entries());
    add(pass, data.examples(pass.over(), shard, pass.mostOfShard()), there);
    return there.cpu();
  }

  /**
   * Adds what the ranks have of one shard each to {@code sums}.
   *
   * @param first the shard of rank 0
   * @param own what this rank has of its own; null where there is none
   */
  private void addRound(int first, Tensor own, Tensor sums) {
    Tensor others = exchange.ranks() == 1 ? null : torch.zeros_like(sums);
    for (int rank = 0; rank < exchange.ranks() && first + rank < data.shards(); rank++) {
      // All but one of the ranks give zeros, which change nothing.
      Tensor sum = rank == exchange.rank() ? own : others.zero_();
      for (long from = 0; from < sum.numel(); from += PIECE) {
        try (PointerScope scope = new PointerScope()) {
          exchange.sum(sum.narrow(0, from, Math.min(PIECE, sum.numel() - from)));
        }
      }
      sums.add_(sum);
    }
  }

  private void add(InputPass pass, List<Example> examples, Tensor sums) {
    for (List<Example> batch :
        MicroBatches.byLength(examples, example -> example.source().length, PASS_TOKENS)) {
      try (PointerScope scope = new PointerScope()) {
        Source source = backbone.source(batch.stream().map(Example::source).toList());
        sums.add_(pass.of(source, batch));
      }
    }
  }
}
