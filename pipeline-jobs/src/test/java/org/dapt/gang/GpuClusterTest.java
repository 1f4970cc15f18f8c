package org.dapt.gang;

import static org.assertj.core.api.Assertions.assertThat;

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
import org.apache.spark.api.java.JavaSparkContext;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A standalone cluster whose workers offer GPUs by the discovery script. The nvidia-smi that it
 * asks is a fake with four of them, of which each worker may see two.
 */
class GpuClusterTest {
  @TempDir private Path folder;

  @Test
  void everyRankHasAGpuOfItsOwn() throws Exception {
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
      SparkConf conf =
          TestSpark.conf(cluster.master())
              .set("spark.executor.extraClassPath", System.getProperty("java.class.path"))
              .set("spark.executor.memory", "512m")
              .set("spark.executor.resource.gpu.amount", "2")
              .set("spark.task.resource.gpu.amount", "1");
      try (JavaSparkContext spark = new JavaSparkContext(conf)) {
        Gang gang = new Gang(spark, new GangOptions(4, "spark", Duration.ofSeconds(60), false));
        List<String> seen =
            gang.run(context -> ProcessHandle.current().pid() + " " + context.gpu().orElseThrow());
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
      }
    }
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
