package org.dapt.gang;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import org.apache.spark.api.java.JavaSparkContext;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;

/** Ranks in processes whose traffic Spark authenticates and encrypts. */
class ProtectedGangTest {
  @Test
  void sumsThroughSparksOwnEncryptedTransfers() throws Exception {
    try (JavaSparkContext spark =
        TestSpark.start(
            TestSpark.clusterConf(2)
                .set("spark.authenticate", "true")
                .set("spark.authenticate.secret", "made up")
                .set("spark.network.crypto.enabled", "true"))) {
      Gang gang = new Gang(spark, new GangOptions(2, "auto", Duration.ofSeconds(60), false));
      assertThat(gang.exchange()).isEqualTo("spark");
      List<Float> sums =
          gang.run(
              context -> {
                try (PointerScope scope = new PointerScope()) {
                  Tensor flat = Tensor.create(new float[100_003], 100_003).add_(scalar(context));
                  context.exchange().sum(flat);
                  return flat.mean().item_float();
                }
              });
      assertThat(sums).containsExactly(3f, 3f);
    }
  }

  private static Scalar scalar(RankContext context) {
    return new Scalar(1f + context.rank());
  }
}
