package org.dapt.app;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.OptionalLong;
import org.dapt.app.DryRunItem.State;
import org.dapt.backbone.Projection;
import org.dapt.config.DaptConfig;
import org.dapt.config.SelectedParameters;
import org.dapt.config.TrainSettings;
import org.dapt.cost.Operations;
import org.dapt.cost.RunCost;
import org.dapt.cost.TaskSize;
import org.dapt.cost.Throughput;
import org.dapt.job.AtOnce;
import org.dapt.job.JobContext;
import org.dapt.job.ModelShape;
import org.dapt.method.ContinualMethod;
import org.dapt.method.ContinualMethods;
import org.dapt.method.ModelPasses;
import org.dapt.method.Trait;
import org.dapt.pet.LoraTargets;

/** What the steps of a flow that are to do cost. */
final class PlannedCost {
  /** Bytes of a learnt number where gradients are summed. */
  private static final int BYTES = 4;

  private final DaptConfig config;
  private final TaskSizes sizes;
  private final ContinualMethod method;
  private final OptionalLong trained;
  private final ModelPasses passes;
  private final RunCost cost;
  private final int ranks;
  private int unknown;

  /**
   * @param ranks that learn
   */
  PlannedCost(DaptConfig config, ModelShape model, TaskSizes sizes, boolean gpu, int ranks) {
    this.config = config;
    this.ranks = ranks;
    this.sizes = sizes;
    method = ContinualMethods.named(config.method().name());
    trained = method.trained(JobContext.methodOptions(config), model.projections(), model.width());
    List<Projection> adapted =
        method.block().hasMatrices()
            ? new LoraTargets(config.lora().targets()).namedAmong(model.projections())
            : List.of();
    passes = method.passes(JobContext.methodOptions(config), adapted);
    Operations operations = new Operations(model, adapted, config.lora().r());
    TrainSettings train = config.train();
    cost =
        new RunCost(
            operations, Throughput.of(train.rankTokensPerSecond(), config.model().dtype(), gpu));
  }

  /**
   * Adds the learning of a task.
   *
   * @return tokens that are learnt from; 0 where they are not known
   */
  double learn(Step step, long steps) {
    List<String> tasks = AtOnce.together(config, step.tasks());
    if (!sizes.has(tasks)) {
      leaveOut();
      return 0;
    }
    TaskSize task = mean(tasks);
    TrainSettings train = config.forTask(step.task()).train();
    if (train.select() == SelectedParameters.BEST_DEV && steps > 0) {
      long every = train.devEvery() == 0 ? epoch(task, train) : train.devEvery();
      double looks = Math.ceil((double) steps / every);
      answer(step, task, looks * Math.min(task.dev(), train.devExamples()));
    }
    if (steps > 0) {
      cost.pass(task, (double) passes.inputs() * task.train(), false);
      cost.pass(task, (double) passes.examples() * task.train(), true);
    }
    double examples = (double) steps * train.globalBatch();
    if (JobContext.recollection(config) != null) {
      cost.learn(asText(task), examples, 0, prefix(step.number()));
    }
    cost.pass(task, passes.learning() * examples, false);
    return cost.learn(task, examples, blocks(step.number()) - 1, prefix(step.number()));
  }

  /** Notes a task whose size is not known. */
  void leaveOut() {
    unknown++;
  }

  /** Adds the answers to the test examples of all tasks of a step. */
  void evaluate(Step step) {
    if (AtOnce.defers(config, step.number())) {
      return;
    }
    for (String name : step.tasks()) {
      sizes.of(name).ifPresent(task -> answer(step, task));
    }
  }

  /** Adds the answers to the test examples of a task after {@code step}. */
  void answer(Step step, TaskSize task) {
    answer(step, task, (double) task.test());
  }

  private void answer(Step step, TaskSize task, double inputs) {
    int learnt = step.number();
    cost.answer(task.behind(prefix(learnt)), inputs, blocks(learnt), passes.answering());
  }

  /** Adds the training of a generator; what it then says is little beside. */
  void replay(Step step) {
    if (method.has(Trait.REFLECTS)) {
      sizes
          .of(step.task())
          .ifPresent(
              task ->
                  cost.learn(
                      asText(task),
                      (double) config.replay().steps() * config.replay().globalBatch(),
                      0,
                      0));
    }
  }

  /** An example of {@code task} that is a text to be learnt, as generators learn it. */
  private TaskSize asText(TaskSize task) {
    return new TaskSize(
        0, 0, 0, 1, Math.min(config.replay().maxTokens(), task.source() + task.target()));
  }

  /** What it comes to. */
  List<DryRunItem> items() {
    List<DryRunItem> items = new ArrayList<>();
    if (cost.isNothing()) {
      return items;
    }
    trained.ifPresent(
        numbers ->
            items.add(
                item(
                    "a step",
                    "%,d parameters are learnt; ranks exchange %s of gradients"
                        .formatted(numbers, bytes(BYTES * numbers)))));
    items.add(
        item(
            DryRun.COST_OF_ALL,
            cost.text(ranks)
                + (unknown == 0
                    ? ""
                    : "; without %d %s whose examples are missing"
                        .formatted(unknown, unknown == 1 ? "task" : "tasks"))));
    return items;
  }

  /** The seconds that it comes to. */
  double seconds() {
    return cost.isNothing() ? 0 : cost.seconds(ranks);
  }

  /** Those that an input passes after {@code learnt} tasks. */
  private int blocks(int learnt) {
    return method.has(Trait.CHOOSES_BLOCKS) || method.has(Trait.ADDS_BLOCKS) ? learnt : 1;
  }

  /** Embeddings in front of an input after {@code learnt} tasks. */
  private int prefix(int learnt) {
    return method.prefix(JobContext.methodOptions(config), learnt);
  }

  private static long epoch(TaskSize task, TrainSettings train) {
    return Math.max(1, (task.train() + train.globalBatch() - 1) / train.globalBatch());
  }

  /** An example of theirs, weighted by how many they have. */
  private TaskSize mean(List<String> tasks) {
    long train = 0;
    long dev = 0;
    long test = 0;
    double source = 0;
    double target = 0;
    for (String name : tasks) {
      TaskSize task = sizes.of(name).orElseThrow();
      train += task.train();
      dev += task.dev();
      test += task.test();
      source += task.train() * task.source();
      target += task.train() * task.target();
    }
    return new TaskSize(train, dev, test, source / train, target / train);
  }

  private static DryRunItem item(String subject, String detail) {
    return new DryRunItem("cost", subject, State.CHECKED, detail);
  }

  private static String bytes(long bytes) {
    return bytes < 1_000_000
        ? String.format(Locale.ROOT, "%.0f KB", bytes / 1e3)
        : String.format(Locale.ROOT, "%.1f MB", bytes / 1e6);
  }
}
