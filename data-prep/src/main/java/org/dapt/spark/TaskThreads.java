package org.dapt.spark;

import org.apache.spark.SparkConf;
import org.apache.spark.TaskContext;
import org.dapt.tensor.NativeRuntime;

/** The threads that a Spark task, or what takes its place, computes with. */
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

  /**
   * Lets this thread, which computes outside of Spark and without others beside it, compute with
   * {@code spark.task.cpus} threads where that is set, as a task would. Otherwise it takes all
   * cores that Spark would have in this process, which are those of the machine where Spark would
   * be elsewhere.
   *
   * @param conf with a master
   */
  public static void useAlone(SparkConf conf) {
    int cores =
        conf.get("spark.master").startsWith("local") ? LocalCores.of(conf) : LocalCores.ofMachine();
    NativeRuntime.useThreads(conf.getInt("spark.task.cpus", cores));
  }
}
