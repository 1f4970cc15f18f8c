package org.dapt.spark;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.apache.spark.SparkConf;
import org.apache.spark.SparkEnv;
import org.apache.spark.TaskContext;
import org.apache.spark.resource.ResourceInformation;
import org.dapt.error.ConfigException;
import org.dapt.tensor.Device;
import org.dapt.tensor.DeviceChoice;

/** The device that a Spark task, or what takes its place, computes with. */
public final class TaskDevice {
  private static final String GPU = "gpu";

  /** How many GPUs Spark gives to a task. */
  public static final String TASK_GPUS = "spark.task.resource.gpu.amount";

  private TaskDevice() {}

  /**
   * The device of this thread's task.
   *
   * <p>A GPU is that which Spark gave to the task. Where Spark hands none out, which it does not in
   * local mode, {@link DeviceChoice#CUDA} takes those of the machine in turn.
   *
   * @throws ConfigException if there is no such GPU, or this process cannot compute on it: the
   *     processor never takes its place
   */
  public static Device of(DeviceChoice choice) {
    if (choice == DeviceChoice.CPU) {
      return Device.CPU;
    }
    Optional<String> given = address();
    if (given.isPresent()) {
      return usable(VisibleGpus.OF_PROCESS.ordinal(given.get()), choice);
    }
    if (choice == DeviceChoice.AUTO) {
      return Device.CPU;
    }
    TaskContext task = TaskContext.get();
    if (task != null && !isDriver()) {
      throw new ConfigException(
          "model.device is cuda, but Spark gave this task no GPU. Set spark.executor.resource.gpu.amount, its discoveryScript and spark.task.resource.gpu.amount = 1, or model.device = cpu.");
    }
    return usable(task == null ? 0 : task.partitionId() % Math.max(1, Device.gpus()), choice);
  }

  /**
   * Checks what can be known before Spark starts: where tasks run in this process, whether it has
   * the GPU that {@code choice} asks for.
   *
   * @param conf with a master
   * @throws ConfigException if it has none
   */
  public static void checkHere(DeviceChoice choice, SparkConf conf) {
    if (choice == DeviceChoice.CUDA && LocalCores.areTasksHere(conf)) {
      usable(0, choice);
    }
  }

  /** Whether tasks compute on GPUs, as far as settings tell. */
  public static boolean isGpu(DeviceChoice choice, SparkConf conf) {
    return choice == DeviceChoice.CUDA
        || (choice == DeviceChoice.AUTO && conf.getDouble(TASK_GPUS, 0) > 0);
  }

  /**
   * The address of the GPU that Spark gave to this thread's task and to no other one, as the
   * discovery script named it: an index or a UUID. Empty if it gave none.
   *
   * @throws ConfigException if there are several: a task computes on one
   */
  public static Optional<String> address() {
    TaskContext task = TaskContext.get();
    ResourceInformation gpus = task == null ? null : task.resourcesJMap().get(GPU);
    if (gpus == null || gpus.addresses().length == 0) {
      return Optional.empty();
    }
    List<String> addresses = Arrays.asList(gpus.addresses());
    if (addresses.size() > 1) {
      throw new ConfigException(
          "A task was given the GPUs "
              + addresses
              + ", but computes on one. Set spark.task.resource.gpu.amount to 1.");
    }
    return Optional.of(addresses.get(0));
  }

  private static Device usable(int ordinal, DeviceChoice choice) {
    Device device = Device.cuda(ordinal);
    device.require(
        choice == DeviceChoice.AUTO ? "The GPU that Spark gave to this task" : "model.device");
    return device;
  }

  private static boolean isDriver() {
    return SparkEnv.get() != null && "driver".equals(SparkEnv.get().executorId());
  }
}
