package org.dapt.gang;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.spark.SparkConf;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.JavaSparkContext;
import org.dapt.spark.CoreTasks;
import org.dapt.spark.TaskDevice;
import org.dapt.tensor.Device;
import org.dapt.tensor.DeviceChoice;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A standalone cluster whose workers offer GPUs by the discovery script. The nvidia-smi that it
 * asks is a fake with four of them, of which each worker may see two.
 */
class GpuClusterTest {
  @TempDir private Path folder;

  @Test
  void everyRankHasAGpuOfItsOwnAndOtherTasksHaveNone() throws Exception {
    Path script = Path.of(System.getProperty("dapt.home"), "submit-scripts/gpu-discovery");
    Path tool = nvidiaSmi();
    try (StandaloneCluster cluster = new StandaloneCluster(folder)) {
      for (String visible : List.of("0,1", "3,2")) {
        cluster.addWorker(
            "worker-" + visible.charAt(0),
            Map.of("CUDA_VISIBLE_DEVICES", visible, "NVIDIA_SMI", tool.toString()),
            List.of(
                "-Dspark.worker.resource.gpu.amount=2",
                "-Dspark.worker.resource.gpu.discoveryScript=" + script));
      }
      SparkConf conf = conf(cluster.master()).set("spark.executor.resource.gpu.amount", "2");
      try (JavaSparkContext spark = TestSpark.start(conf)) {
        Gang gang = new Gang(spark, new GangOptions(4, "spark", Duration.ofSeconds(60), false));
        List<String> seen =
            gang.run(
                context ->
                    ProcessHandle.current().pid() + " " + TaskDevice.address().orElseThrow());
        Map<String, Set<String>> byProcess = new HashMap<>();
        for (String rank : seen) {
          String[] parts = rank.split(" ", 2);
          byProcess.merge(
              parts[0],
              Set.of(parts[1]),
              (one, other) -> {
                Set<String> both = new HashSet<>(one);
                both.addAll(other);
                return both;
              });
        }
        assertThat(byProcess.values())
            .containsExactlyInAnyOrder(Set.of("0", "1"), Set.of("2", "3"));
        if (Device.gpus() == 0) {
          assertAGivenGpuThatDoesNotComputeIsRefused(spark);
        }
      }
      assertCoreTasksTakeNoGpu(cluster.master());
    }
  }

  /** Whether by the default or by name: the processor does not take the place of a GPU. */
  private static void assertAGivenGpuThatDoesNotComputeIsRefused(JavaSparkContext spark) {
    for (DeviceChoice choice : List.of(DeviceChoice.AUTO, DeviceChoice.CUDA)) {
      assertThatThrownBy(
              () ->
                  spark
                      .parallelize(List.of(choice), 1)
                      .map(asked -> TaskDevice.of(asked).name())
                      .collect())
          .hasStackTraceContaining("ConfigException")
          .hasStackTraceContaining("is cuda:")
          .hasStackTraceContaining("libtorch finds no GPU here");
    }
    assertThat(
            spark
                .parallelize(List.of(DeviceChoice.CPU), 1)
                .map(asked -> TaskDevice.of(asked).name())
                .collect())
        .containsExactly("cpu");
  }

  private static void assertCoreTasksTakeNoGpu(String master) throws IOException {
    SparkConf conf = conf(master).set("spark.executor.resource.gpu.amount", "1");
    try (JavaSparkContext spark = TestSpark.start(conf)) {
      CoreTasks cores = CoreTasks.of(spark);
      GangOptions two = new GangOptions(2, "spark", Duration.ofSeconds(60), false);
      assertThat(new Gang(spark, two).run(context -> TaskDevice.address().orElse("none")))
          .doesNotContain("none");
      // Two executors of two cores and one GPU each.
      assertThat(Gang.slots(spark)).isEqualTo(2);
      assertThat(cores.slots()).isEqualTo(4);
      assertThat(
              cores
                  .of(spark.parallelize(List.of(1, 2, 3, 4), 4))
                  .map(i -> TaskContext.get().resources().size())
                  .collect())
          .containsOnly(0);
    }
  }

  private static SparkConf conf(String master) throws IOException {
    return TestSpark.conf(master)
        .set("spark.executor.extraClassPath", System.getProperty("java.class.path"))
        .set("spark.executor.memory", "512m")
        .set("spark.task.resource.gpu.amount", "1");
  }

  private Path nvidiaSmi() throws IOException {
    Path tool = folder.resolve("nvidia-smi");
    StringBuilder script = new StringBuilder("#!/bin/sh\n");
    for (int gpu = 0; gpu < 4; gpu++) {
      script.append("echo 'GPU %d: made up (UUID: GPU-%d)'\n".formatted(gpu, gpu));
    }
    Files.writeString(tool, script.toString());
    return Files.setPosixFilePermissions(tool, PosixFilePermissions.fromString("rwxr-xr-x"));
  }
}
