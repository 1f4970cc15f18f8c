package org.dapt.learn;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.dapt.config.ConfigLoader;
import org.dapt.config.DaptConfig;
import org.dapt.method.Rehearsal.Mix;
import org.dapt.metric.AnswerMetric;
import org.junit.jupiter.api.Test;

/** How dev decides. */
class DevPlanTest {
  /**
   * As scores of a run are: a task that is learnt together with others is still scored by its own.
   */
  @Test
  void tasksThatAreLearntTogetherAreScoredByTheMetricOfEach() {
    DaptConfig config =
        ConfigLoader.load(
            null,
            List.of(
                "run.dir=/runs/a",
                "model.path=/models/t5",
                "tasks.root=/tasks",
                "method.name=multi-task",
                "train.select=best-dev",
                "tasks.metric=exact-match",
                "tasks.overrides.story.metric=rouge-l"));
    DevPlan plan = DevPlan.of(config, List.of("label", "story"), 64, Mix.NEW_ONLY);
    assertThat(plan.metrics())
        .containsEntry("label", AnswerMetric.EXACT_MATCH)
        .containsEntry("story", AnswerMetric.ROUGE_L)
        .hasSize(2);
  }
}
