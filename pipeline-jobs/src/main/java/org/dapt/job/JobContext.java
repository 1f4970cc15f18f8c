package org.dapt.job;

import java.util.List;
import java.util.Map;
import java.util.function.IntSupplier;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.util.SerializableConfiguration;
import org.dapt.config.DaptConfig;
import org.dapt.config.TrainSettings;
import org.dapt.gang.Gang;
import org.dapt.gang.GangOptions;
import org.dapt.method.ContinualMethods;
import org.dapt.method.Recollection;
import org.dapt.method.Sections;
import org.dapt.models.ModelSource;
import org.dapt.run.LearntFolder;
import org.dapt.run.RunDirectory;
import org.dapt.sink.MetricSinks;
import org.dapt.train.BlockDropout;
import org.dapt.train.ModelDropout;

/**
 * What a job works with.
 *
 * @param spark the session
 * @param config the effective configuration
 * @param run the run directory
 * @param metrics where metrics go besides the run directory
 */
public record JobContext(
    SparkSession spark, DaptConfig config, RunDirectory run, MetricSinks metrics) {
  /** Without sinks of metrics. */
  public JobContext(SparkSession spark, DaptConfig config, RunDirectory run) {
    this(spark, config, run, MetricSinks.none());
  }

  /** The session as Java sees it. */
  public JavaSparkContext sparkContext() {
    return JavaSparkContext.fromSparkContext(spark.sparkContext());
  }

  /** The settings of the file systems. */
  public Configuration hadoop() {
    return spark.sparkContext().hadoopConfiguration();
  }

  public SerializableConfiguration serializableHadoop() {
    return new SerializableConfiguration(hadoop());
  }

  public ModelSource model() {
    return config.modelSource();
  }

  /** What the model's own layers drop while {@code task} is learnt; null for nothing. */
  public ModelDropout modelDropout(String task) {
    double rate = config.model().dropout();
    return rate == 0 ? null : new ModelDropout(rate, config.run().seed(), task);
  }

  /** What the blocks do not see while {@code task} is learnt; null for nothing. */
  public BlockDropout blockDropout(String task) {
    double rate = config.lora().dropout();
    return rate == 0 ? null : new BlockDropout(rate, config.run().seed(), task);
  }

  public Sections methodOptions() {
    return methodOptions(config);
  }

  /** What methods read of {@code config}. */
  public static Sections methodOptions(DaptConfig config) {
    return Sections.of(
        config.values(List.of("lora", "prompt", "attention", "reflection", Sections.OWN)));
  }

  /** How the method of {@code config} makes up examples; null where it makes up none. */
  public static Recollection recollection(DaptConfig config) {
    return ContinualMethods.named(config.method().name()).recollection(methodOptions(config));
  }

  /** The options of a generator's block. */
  public Sections generatorOptions() {
    return Sections.of(
        Map.of(
            "lora.r",
            config.replay().r(),
            "lora.alpha",
            config.replay().alpha(),
            "lora.targets",
            config.lora().targets()));
  }

  /** The gang that trains: as many ranks as are asked for, or as many as there are slots for. */
  public GangOptions gang() {
    TrainSettings train = config.train();
    int ranks = ranks(config, () -> Gang.slots(sparkContext()));
    return new GangOptions(ranks, train.exchange(), train.exchangeTimeout(), false);
  }

  /** As many as are asked for, or as many as there are {@code slots} for. */
  public static int ranks(DaptConfig config, IntSupplier slots) {
    if (config.train().ranks() > 0) {
      return config.train().ranks();
    }
    int shards = config.tasks().shards();
    int ranks = Math.max(1, Math.min(slots.getAsInt(), shards));
    while (shards % ranks != 0) {
      ranks--;
    }
    return ranks;
  }

  /** The first {@code count} of {@code tasks} with their folders. */
  public List<LearntFolder> folders(List<String> tasks, int count) {
    return LearntFolder.of(run, tasks.subList(0, count));
  }

  /** The digest of what was learnt of each task, as {@link LearntFolder#digests}. */
  public Map<String, String> digests(List<LearntFolder> learnt) {
    return LearntFolder.digests(run, learnt);
  }
}
