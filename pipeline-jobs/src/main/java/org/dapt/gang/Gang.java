package org.dapt.gang;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;
import org.apache.spark.SparkConf;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.rdd.RDD;
import org.dapt.error.DaptException;
import org.dapt.error.TrainingException;
import org.dapt.spark.SparkFailures;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import scala.reflect.ClassTag;
import scala.reflect.ClassTag$;

/**
 * Runs a function on N ranks at the same time, one Spark task each, joined by a gradient exchange.
 *
 * <p>When a rank fails for a reason that may pass (a lost executor, a broken connection), Spark
 * starts all ranks again, up to {@code spark.stage.maxConsecutiveAttempts} times.
 */
public final class Gang {
  private static final Logger LOG = LoggerFactory.getLogger(Gang.class);

  /** How often Spark looks whether a gang has room. */
  static final String CHECK_INTERVAL = "spark.scheduler.barrier.maxConcurrentTasksCheck.interval";

  /** How many looks may find none. */
  static final String CHECK_FAILURES =
      "spark.scheduler.barrier.maxConcurrentTasksCheck.maxFailures";

  private final JavaSparkContext spark;
  private final GangOptions options;

  /**
   * A gang on the cluster of {@code spark}.
   *
   * @throws org.dapt.error.ConfigException if the cluster cannot run it
   */
  public Gang(JavaSparkContext spark, GangOptions options) {
    this.spark = spark;
    this.options = GangChecks.check(spark, options);
  }

  /**
   * Sets what gangs need of Spark and the user has not set: executors compute with one thread per
   * task, JavaCPP does not limit native memory by the size of the heap, a rank does not wait for a
   * vanished one for ever, and the first job waits for all executors that were asked for.
   */
  public static void applyDefaults(SparkConf conf) {
    conf.setIfMissing("spark.barrier.sync.timeout", "3600");
    // How often Spark looks whether there are slots again after an executor was lost, and how often
    // at most.
    conf.setIfMissing(CHECK_INTERVAL, "3s");
    conf.setIfMissing(CHECK_FAILURES, "200");
    // The first executors are not all: ranks that count slots would take no more than those.
    conf.setIfMissing("spark.scheduler.minRegisteredResourcesRatio", "1.0");
    conf.setIfMissing("spark.executorEnv.OMP_NUM_THREADS", "1");
    conf.setIfMissing(
        "spark.executor.extraJavaOptions",
        "-Dorg.bytedeco.javacpp.maxphysicalbytes=0 -Dorg.bytedeco.javacpp.maxbytes=0");
  }

  /**
   * Checks what can be known of gangs before Spark starts: dynamic allocation, GPUs of tasks, and
   * where tasks run in this process the number of ranks.
   *
   * @param ranks 0 where they are as many as there is room for
   * @throws org.dapt.error.ConfigException with the key to change
   */
  public static void checkSettings(SparkConf conf, int ranks) {
    GangSettings.check(conf);
    GangChecks.checkLocalSlots(conf, ranks);
  }

  /**
   * Logs how much memory outside the heap ranks and evaluations take, as a warning with the key to
   * raise if that is more than the processes of this cluster may.
   *
   * @param ranks 0 where nothing is learnt
   * @throws org.dapt.error.ConfigException if the frozen weights alone are more than that
   */
  public static void checkMemory(SparkConf conf, int ranks, MemoryNeed need) {
    MemoryCheck.check(conf, ranks, need, MemoryCheck.physical());
  }

  /** How many ranks the cluster can run at once now. */
  public static int slots(JavaSparkContext spark) {
    return GangChecks.slots(spark);
  }

  /** The exchange in use, {@link GangOptions#AUTO} resolved. */
  public String exchange() {
    return options.exchange();
  }

  /**
   * Runs {@code function} on every rank and returns their results in rank order; entry 0 is rank
   * 0's.
   *
   * @throws DaptException what a rank threw, with its type and message, or a {@link
   *     TrainingException} if the gang failed in every attempt
   */
  public <R extends Serializable> List<R> run(RankFunction<R> function) {
    LOG.info("Starting a gang of {} over exchange {}", options.ranks(), options.exchange());
    List<RankOutcome<R>> outcomes = collect(function);
    GangChecks.hasRun(spark, options.ranks());
    for (RankOutcome<R> outcome : outcomes) {
      if (outcome.failure() != null) {
        throw outcome.failure().rebuild();
      }
    }
    List<R> results = new ArrayList<>(Collections.nCopies(options.ranks(), null));
    outcomes.forEach(outcome -> results.set(outcome.rank(), outcome.result()));
    return results;
  }

  private <R extends Serializable> List<RankOutcome<R>> collect(RankFunction<R> function) {
    List<Integer> seats = IntStream.range(0, options.ranks()).boxed().toList();
    ClassTag<RankOutcome<R>> tag = ClassTag$.MODULE$.apply(RankOutcome.class);
    RDD<RankOutcome<R>> stage =
        spark
            .parallelize(seats, options.ranks())
            .rdd()
            .barrier()
            .mapPartitions(new RankTask<>(function, options), false, tag);
    try {
      // The shuffle makes the ranks a ShuffleMapStage. Spark retries one whose barrier tasks fail,
      // but gives up the
      // whole job when that happens in its last stage.
      return stage.toJavaRDD().repartition(1).collect();
    } catch (Exception e) {
      if (SparkFailures.unwrap(e) instanceof DaptException known) {
        throw known;
      }
      throw new TrainingException(
          "The gang of "
              + options.ranks()
              + " ranks failed in every attempt that spark.stage.maxConsecutiveAttempts"
              + " allows. The last failure: "
              + SparkFailures.summary(e)
              + " Look into the executors' logs; for lost executors raise"
              + " spark.executor.memoryOverhead.",
          e);
    }
  }
}
