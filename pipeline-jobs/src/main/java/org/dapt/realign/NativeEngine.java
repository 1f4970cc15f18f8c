package org.dapt.realign;

import java.time.Duration;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.dapt.error.TrainingException;
import org.dapt.gang.Gang;
import org.dapt.gang.GangOptions;

/** Steps of the product's own AdamW on a gang, each rank over its share of the rows. */
public final class NativeEngine implements SelectionEngine {
  /** The name of this engine. */
  public static final String NAME = "native";

  /** Fewer rows a rank are faster computed than summed. */
  private static final int ROWS_OF_A_RANK = 512;

  private static final Duration TIMEOUT = Duration.ofMinutes(10);

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public FittedSelection fit(FitPlan plan) {
    JavaSparkContext spark = JavaSparkContext.fromSparkContext(plan.spark().sparkContext());
    FitRows rows = FitRows.read(plan.spark(), plan.inputs());
    // Ranks take what Spark gives each of its tasks, on some clusters a GPU.
    int slots = Math.min(plan.parallelism(), Gang.slots(spark));
    int ranks = Math.max(1, Math.min(slots, (rows.count() - 1) / ROWS_OF_A_RANK + 1));
    Broadcast<FitRows> all = spark.broadcast(rows);
    try {
      FittedSelection fitted =
          new Gang(spark, new GangOptions(ranks, GangOptions.AUTO, TIMEOUT, false))
              .run(
                  new FitRank(
                      all, plan.start(), plan.temperature(), plan.learningRate(), plan.steps()))
              .get(0);
      if (!Double.isFinite(fitted.after())) {
        throw new TrainingException(
            "The loss is %s after %d steps; nothing was kept. Take a smaller realign.learning-rate than %s."
                .formatted(fitted.after(), plan.steps(), plan.learningRate()));
      }
      return fitted;
    } finally {
      all.destroy();
    }
  }
}
