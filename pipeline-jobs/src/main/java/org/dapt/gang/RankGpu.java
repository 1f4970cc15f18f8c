package org.dapt.gang;

import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import org.apache.spark.resource.ResourceInformation;
import org.dapt.error.ConfigException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The GPU of a rank, among the resources that Spark gave its task. */
final class RankGpu {
  private static final Logger LOG = LoggerFactory.getLogger(RankGpu.class);

  private RankGpu() {}

  /**
   * The address of the only GPU among {@code resources}; empty if there is none.
   *
   * @throws ConfigException if there are several: a rank computes on one
   */
  static Optional<String> of(Map<String, ResourceInformation> resources, int rank) {
    ResourceInformation gpus = resources.get("gpu");
    if (gpus == null || gpus.addresses().length == 0) {
      return Optional.empty();
    }
    if (gpus.addresses().length > 1) {
      throw new ConfigException(
          "Rank "
              + rank
              + " was given the GPUs "
              + Arrays.toString(gpus.addresses())
              + ", but computes on one. Set spark.task.resource.gpu.amount to 1.");
    }
    LOG.info("Rank {} has GPU {}", rank, gpus.addresses()[0]);
    return Optional.of(gpus.addresses()[0]);
  }
}
