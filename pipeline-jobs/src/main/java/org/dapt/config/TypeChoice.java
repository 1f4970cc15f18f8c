package org.dapt.config;

import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.dapt.tensor.ComputeType;
import org.dapt.tensor.DeviceChoice;
import org.dapt.tensor.Processor;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What {@code model.dtype} may say. */
enum TypeChoice {
  FLOAT32,
  BFLOAT16,
  FLOAT64,
  /** bfloat16 where it is fast, else float32. */
  AUTO;

  private static final Logger LOG = LoggerFactory.getLogger(TypeChoice.class);

  private static final Set<String> SAID = ConcurrentHashMap.newKeySet();

  /**
   * The type itself. A run keeps this one: it goes on in the type that it began with.
   *
   * @param device that computes
   * @param processor of this machine; those of executors are taken to be like it
   */
  ComputeType on(DeviceChoice device, Processor processor) {
    Optional<String> units = processor.bfloat16();
    boolean gpu = device == DeviceChoice.CUDA;
    if (this == BFLOAT16 && !gpu && units.isEmpty()) {
      sayOnce(
          LOG::warn,
          "model.dtype is bfloat16, but this machine's processor has no units for it, and computes float32 2 to 60 times as fast. Where no GPU computes, set model.dtype = auto or float32.");
    }
    if (this != AUTO) {
      return ComputeType.valueOf(name());
    }
    if (gpu) {
      sayOnce(LOG::info, "model.dtype = auto: bfloat16, because a GPU computes");
    } else if (units.isPresent()) {
      sayOnce(LOG::info, "model.dtype = auto: bfloat16, because this processor has " + units.get());
    } else {
      sayOnce(
          LOG::info,
          "model.dtype = auto: float32, because this processor has no units for bfloat16");
    }
    return gpu || units.isPresent() ? ComputeType.BFLOAT16 : ComputeType.FLOAT32;
  }

  /** A comparison reads a configuration for each of its runs. */
  private static void sayOnce(Consumer<String> log, String what) {
    if (SAID.add(what)) {
      log.accept(what);
    }
  }
}
