package org.dapt.spark;

import java.util.concurrent.Callable;
import org.apache.spark.SparkEnv;
import org.dapt.error.ConfigException;
import org.dapt.error.TrainingException;
import org.dapt.tensor.DeviceMemory;

/**
 * Memory that ran out, as a failure with the key that gives more of it. Spark ends the process of a
 * task that throws an {@link OutOfMemoryError}, and of the reason nothing is left but a number.
 */
public final class HeapExhausted {
  private static final String DRIVER = "driver";

  private HeapExhausted() {}

  /**
   * What {@code work} returns.
   *
   * @throws ConfigException where the process runs out of memory
   * @throws TrainingException where a tensor gets none
   */
  public static <T> T guard(Callable<T> work) throws Exception {
    try {
      return work.call();
    } catch (OutOfMemoryError e) {
      throw named(e);
    } catch (RuntimeException e) {
      String found = DeviceMemory.exhausted(e);
      throw found == null ? e : inTensors(found, "evaluate.batch-tokens", e);
    }
  }

  /**
   * The failure that says that there is no memory for a tensor.
   *
   * @param found what libtorch says
   * @param remedies what to lower or set, with the keys
   */
  public static TrainingException inTensors(String found, String remedies, RuntimeException cause) {
    return new TrainingException(
        "There is no memory left for tensors where the model computes (%s). Lower %s, or set model.dtype = bfloat16 in another run.dir."
            .formatted(found, remedies),
        cause);
  }

  /** The failure that says so. */
  public static ConfigException named(OutOfMemoryError error) {
    boolean driver = SparkEnv.get() == null || DRIVER.equals(SparkEnv.get().executorId());
    String key = driver ? "spark.driver.memory" : "spark.executor.memory";
    String message = String.valueOf(error.getMessage());
    // libtorch's memory is counted by JavaCPP, which throws the same error with numbers of its own.
    boolean heap = message.contains("heap") || message.contains("GC overhead");
    return new ConfigException(
        heap
            ? "The Java heap of this %s is full (%s, of %d MiB). Raise %s%s, or lower what is held at once: train.micro-batch-tokens, tasks.max-source-tokens, reflection.max-samples."
                .formatted(
                    driver ? "process" : "executor",
                    message,
                    Runtime.getRuntime().maxMemory() >> 20,
                    key,
                    driver ? " (DAPT_DRIVER_MEMORY of the script dapt)" : "")
            : "This %s has no memory left (%s). Raise %s, or spark.executor.memoryOverhead where the memory lies outside the heap."
                .formatted(driver ? "process" : "executor", message, key),
        error);
  }
}
