package org.dapt.realign.dl4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.nio.file.Path;
import java.util.List;
import org.apache.spark.sql.SparkSession;
import org.dapt.realign.FittedSelection;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The engine on executors that are processes of their own, where graphs and batches travel. */
class ClusterFitTest {
  @TempDir private Path folder;

  @Test
  void executorsTakeTheSameSteps() throws Exception {
    Problem problem = Problem.of(11);
    FittedSelection fitted;
    SparkSession spark = TestSession.cluster();
    try {
      fitted = new Dl4jEngine(1).fit(problem.plan(spark, folder, 6, 2));
    } finally {
      spark.stop();
    }
    List<Double> expected;
    try (TorchFit torch = new TorchFit(problem)) {
      expected = torch.losses(6);
    }
    assertThat(fitted.losses()).hasSameSizeAs(expected);
    for (int step = 0; step < expected.size(); step++) {
      assertThat(fitted.losses().get(step)).isCloseTo(expected.get(step), within(1e-9));
    }
  }
}
