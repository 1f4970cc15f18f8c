package org.dapt.app;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;
import org.dapt.app.Step.Kind;
import org.dapt.config.DaptConfig;
import org.dapt.config.ReflectionSource;
import org.dapt.error.ConfigException;
import org.dapt.evaluate.UnseenTasks;
import org.dapt.job.AtOnce;
import org.dapt.job.JobContext;
import org.dapt.run.TaskOrder;

/**
 * What a command does, step by step: {@link LearnJob} carries it out, {@link DryRun} says it.
 *
 * @param steps in their order
 */
public record Flow(List<Step> steps) {
  /** Keeps a copy. */
  public Flow {
    steps = List.copyOf(steps);
  }

  /**
   * All of {@code tasks.order}, one after the other, and then the unseen tasks, where there are
   * any.
   *
   * @throws ConfigException if there are no tasks, the run began with others, or the method cannot
   *     answer unseen tasks
   */
  public static Flow run(DaptConfig config, TaskOrder order) {
    List<String> tasks = order.continued();
    List<Step> steps = new ArrayList<>();
    for (int i = 1; i <= tasks.size(); i++) {
      learn(steps, config, tasks.subList(0, i));
    }
    if (config.evaluate().unseen() != null) {
      UnseenTasks.check(config, tasks);
      steps.add(new Step(Kind.UNSEEN, tasks));
    }
    return new Flow(steps);
  }

  /**
   * One more task, or one that is learnt already.
   *
   * @throws ConfigException if the method takes all tasks together
   */
  public static Flow learn(DaptConfig config, TaskOrder order, String task) {
    AtOnce.requireOneByOne(config);
    List<Step> steps = new ArrayList<>();
    learn(steps, config, order.upTo(task));
    return new Flow(steps);
  }

  private static void learn(List<Step> steps, DaptConfig config, List<String> tasks) {
    steps.add(new Step(Kind.PREPARE, tasks));
    if (tasks.size() > 1 && JobContext.recollection(config) != null) {
      steps.add(new Step(Kind.REPLAY, tasks.subList(0, tasks.size() - 1)));
    }
    steps.add(new Step(Kind.TRAIN, tasks));
    steps.add(new Step(Kind.EVALUATE, tasks));
    if (config.reflection().source() == ReflectionSource.GENERATED) {
      steps.add(new Step(Kind.REPLAY, tasks));
    }
  }

  /**
   * Preparing {@code tasks}, all of {@code tasks.order} if that is empty.
   *
   * @throws ConfigException if both are empty
   */
  public static Flow prepare(TaskOrder order, List<String> tasks) {
    return new Flow(
        (tasks.isEmpty() ? order.all() : tasks)
            .stream().map(task -> new Step(Kind.PREPARE, List.of(task))).toList());
  }

  /**
   * Learning a prepared task.
   *
   * @param task null for the first of {@code tasks.order} that is not learnt
   */
  public static Flow train(TaskOrder order, String task) {
    return new Flow(List.of(new Step(Kind.TRAIN, order.upTo(task))));
  }

  /**
   * Making the pseudo samples of a learnt task.
   *
   * @param task null for the last one
   * @throws ConfigException if it is not learnt
   */
  public static Flow replay(TaskOrder order, String task) {
    List<String> learnt = order.learnt();
    int last = task == null ? learnt.size() - 1 : learnt.indexOf(task);
    if (last < 0) {
      throw new ConfigException(
          "%s: the tasks learnt in %s are %s. Learn it first."
              .formatted(
                  task == null ? "There is no task to replay" : "Task " + task + " is not learnt",
                  order.run(),
                  learnt));
    }
    return new Flow(List.of(new Step(Kind.REPLAY, learnt.subList(0, last + 1))));
  }

  /**
   * Evaluating all tasks learnt so far.
   *
   * @param step after how many tasks; null for all that are learnt
   * @throws ConfigException if no task, or not so many, are learnt
   */
  public static Flow evaluate(TaskOrder order, Integer step) {
    return new Flow(List.of(new Step(Kind.EVALUATE, order.step(step))));
  }

  /**
   * Evaluating the unseen tasks.
   *
   * @param step after how many tasks; null for all that are learnt
   * @throws ConfigException if no task, or not so many, are learnt, or as {@link UnseenTasks#check}
   */
  public static Flow unseen(DaptConfig config, TaskOrder order, Integer step) {
    List<String> tasks = order.step(step);
    UnseenTasks.check(config, tasks);
    return new Flow(List.of(new Step(Kind.UNSEEN, tasks)));
  }

  /** Whether there is a step of that kind. */
  boolean has(Kind kind) {
    return steps.stream().anyMatch(step -> step.kind() == kind);
  }

  /** Whether a gang of ranks computes. */
  boolean hasGang() {
    return has(Kind.TRAIN) || has(Kind.REPLAY);
  }

  /** Whether inputs are answered. */
  boolean answers() {
    return has(Kind.EVALUATE) || has(Kind.UNSEEN);
  }

  /**
   * Refuses unseen tasks that are none; does nothing where none are evaluated.
   *
   * @throws org.dapt.error.DaptException as {@link UnseenTasks#of}
   */
  void checkUnseen(DaptConfig config, Configuration hadoop) throws IOException {
    for (Step step : steps) {
      if (step.kind() == Kind.UNSEEN) {
        UnseenTasks.of(hadoop, config, step.tasks());
      }
    }
  }

  /** Whether it learns or evaluates what forward transfer is measured of. */
  boolean isMeasured() {
    return has(Kind.TRAIN) || has(Kind.EVALUATE);
  }

  /**
   * The first step that learns a new task after others; empty if there is none.
   *
   * @param learnt how many tasks are learnt already
   */
  Optional<Step> firstAfterOthers(int learnt) {
    return steps.stream()
        .filter(step -> step.kind() == Kind.TRAIN && step.number() > Math.max(1, learnt))
        .findFirst();
  }
}
