package org.dapt.spark;

import org.apache.spark.TaskContext;
import org.dapt.tensor.NativeRuntime;

/** The threads that a Spark task computes with. */
public final class TaskThreads {
  private TaskThreads() {}

  /**
   * Lets this thread compute with as many threads as its Spark task has cores ({@code
   * spark.task.cpus}, 1 by default); loads the native libraries if need be.
   */
  public static void use() {
    TaskContext task = TaskContext.get();
    NativeRuntime.useThreads(task == null ? 1 : task.cpus());
  }
}
