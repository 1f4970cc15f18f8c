package org.dapt.gang;

import static org.assertj.core.api.Assertions.assertThat;

import org.apache.spark.SparkException;
import org.dapt.error.LeaseException;
import org.dapt.error.TrainingException;
import org.dapt.spark.KnownFailure;
import org.dapt.spark.SparkFailures;
import org.junit.jupiter.api.Test;

class SparkFailuresTest {
  @Test
  void findsAKnownFailureAmongTheCauses() {
    LeaseException lease = new LeaseException("runs/a is held");
    assertThat(SparkFailures.unwrap(new RuntimeException(new SparkException("Job aborted", lease))))
        .isSameAs(lease);
  }

  @Test
  void readsAKnownFailureFromThePrintedTrace() {
    SparkException printed =
        new SparkException(
            "Job aborted due to stage failure: Could not recover from a failed barrier ResultStage."
                + " Most recent failure reason: Stage failed because barrier task ResultTask(0, 1)"
                + " finished unsuccessfully.\n"
                + "org.dapt.error.TrainingException: step 12: the loss is NaN\n"
                + "in shard 3\n"
                + "\tat org.dapt.train.Step.run(Step.java:7)\n"
                + "Caused by: java.lang.Error: x");
    assertThat(SparkFailures.unwrap(printed))
        .isInstanceOf(TrainingException.class)
        .hasMessage("step 12: the loss is NaN\nin shard 3")
        .hasCause(printed);
  }

  @Test
  void leavesOtherFailuresAsTheyAre() {
    SparkException other = new SparkException("Job 0 cancelled");
    assertThat(SparkFailures.unwrap(other)).isSameAs(other);
    Throwable own = new IllegalArgumentException("org.dapt.error.InputException: only quoted");
    assertThat(SparkFailures.unwrap(own)).isSameAs(own);
  }

  @Test
  void theSummaryIsOneLineWithoutTheTrace() {
    SparkException failure =
        new SparkException("Stage failed\nbecause of this\n\tat a.B.c(B.java:1)\n\tat d");
    assertThat(SparkFailures.summary(failure)).isEqualTo("Stage failed because of this");
  }

  @Test
  void theSummaryLeavesOutTheTraceOfNativeCode() {
    SparkException failure =
        new SparkException(
            """
            Stage failed
            java.lang.RuntimeException: svd: failed
            Exception raised from check at Native.cpp:7 (most recent call first):
            frame #0: c10::Error
            \tat a.B.c(B.java:1)""");
    assertThat(SparkFailures.summary(failure))
        .isEqualTo("Stage failed java.lang.RuntimeException: svd: failed");
  }

  @Test
  void verdictsSurviveTheTransport() {
    KnownFailure failure = KnownFailure.of(new TrainingException("two\nlines"));
    assertThat(RankVerdict.decode(RankVerdict.failed(failure).encode()))
        .isEqualTo(RankVerdict.failed(failure));
    assertThat(RankVerdict.decode(RankVerdict.COMPLETE.encode())).isEqualTo(RankVerdict.COMPLETE);
    assertThat(RankVerdict.decode(RankVerdict.LOST_PEERS.encode()))
        .isEqualTo(RankVerdict.LOST_PEERS);
  }
}
