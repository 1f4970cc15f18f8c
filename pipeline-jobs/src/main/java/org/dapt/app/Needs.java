package org.dapt.app;

import org.apache.hadoop.conf.Configuration;
import org.apache.spark.SparkConf;
import org.dapt.config.DaptConfig;
import org.dapt.gang.Gang;
import org.dapt.gang.MemoryNeed;
import org.dapt.job.MemoryEstimate;
import org.dapt.spark.TaskDevice;

/**
 * What a flow needs of Spark and of the machines, as a command and its dry run ask for it.
 *
 * @param gang whether ranks compute
 * @param answers whether tasks answer inputs
 * @param model the base model
 * @param estimate of the memory outside the heap
 * @param gpu whether tensors lie on GPUs, as far as settings tell
 */
record Needs(boolean gang, boolean answers, BaseModel model, MemoryEstimate estimate, boolean gpu) {
  /**
   * Asks what can be known before Spark starts.
   *
   * @throws org.dapt.error.ConfigException if Spark's settings do not allow for gangs where there
   *     are some, or there is no GPU where the model is to compute on one
   */
  static Needs of(Flow flow, DaptConfig config, SparkConf sparkConf, Configuration hadoop) {
    if (flow.hasGang()) {
      Gang.checkSettings(sparkConf, config.train().ranks());
    }
    return of(flow.hasGang(), flow.answers(), config, sparkConf, hadoop);
  }

  /** The same of answering inputs alone. */
  static Needs ofAnswers(DaptConfig config, SparkConf sparkConf, Configuration hadoop) {
    return of(false, true, config, sparkConf, hadoop);
  }

  private static Needs of(
      boolean gang, boolean answers, DaptConfig config, SparkConf sparkConf, Configuration hadoop) {
    if (gang || answers) {
      TaskDevice.checkHere(config.model().device(), sparkConf);
    }
    boolean gpu = TaskDevice.isGpu(config.model().device(), sparkConf);
    BaseModel model = BaseModel.of(config, hadoop);
    return new Needs(gang, answers, model, MemoryEstimate.of(model.shape(), config, gpu), gpu);
  }

  /** What processes take of their machines' memory outside the heap. */
  MemoryNeed memory() {
    return gpu ? estimate.besideGpu() : estimate.onProcessor();
  }

  /** Whether the model computes at all. */
  boolean compute() {
    return gang || answers;
  }

  /**
   * Says what memory the computation takes, as a warning where that may be too much.
   *
   * @param ranks of the gang, 0 where there is none
   * @throws org.dapt.error.ConfigException if the frozen weights alone are more than there is
   */
  void checkMemory(SparkConf sparkConf, int ranks) {
    Gang.checkMemory(sparkConf, ranks, answers ? memory() : memory().withoutAnswers());
  }
}
