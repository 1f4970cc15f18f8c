package org.dapt.app;

import java.util.List;

/**
 * One job of a flow.
 *
 * @param kind what is done
 * @param tasks the tasks in the order of learning up to the one that it is about; for {@link
 *     Kind#PREPARE} that one is enough. Not empty
 */
public record Step(Kind kind, List<String> tasks) {
  /** What a step does. */
  public enum Kind {
    /** Turns the files of a task into shards. */
    PREPARE("prepare"),
    /** Learns a task. */
    TRAIN("train"),
    /** Answers and scores the test examples of all tasks so far. */
    EVALUATE("evaluate"),
    /** Makes the pseudo samples of a task. */
    REPLAY("replay"),
    /** Answers and scores the test examples of tasks that are never learnt. */
    UNSEEN("unseen");

    private final String command;

    Kind(String command) {
      this.command = command;
    }

    /** What it is called: as the command that does it alone, but for {@code evaluate --unseen}. */
    public String command() {
      return command;
    }
  }

  /** Keeps a copy. */
  public Step {
    tasks = List.copyOf(tasks);
  }

  /** The task that it is about. */
  public String task() {
    return tasks.get(tasks.size() - 1);
  }

  /** How many tasks are learnt when it is done. */
  public int number() {
    return tasks.size();
  }

  /** What it is about, as it is shown. */
  public String subject() {
    return kind == Kind.EVALUATE || kind == Kind.UNSEEN ? "step " + number() : task();
  }
}
