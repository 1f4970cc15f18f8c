package org.dapt.bench;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.apache.spark.SparkConf;
import org.apache.spark.api.java.JavaSparkContext;
import org.dapt.data.reader.Split;
import org.dapt.models.Models;
import org.dapt.tokenizer.TextTokenizer;

/** Measures tokenising a task's training inputs, in this thread or in Spark tasks. */
public final class PrepareBench {
  private final StepSettings.Data data;
  private final int maxSource;
  private final int sparkTasks;
  private final int repeats;

  /**
   * @param maxSource longest input in tokens
   * @param sparkTasks Spark tasks at a time, in this process; 0 stays in the calling thread
   * @param repeats passes over the inputs, each of which is a measured run
   */
  public PrepareBench(StepSettings.Data data, int maxSource, int sparkTasks, int repeats) {
    this.data = data;
    this.maxSource = maxSource;
    this.sparkTasks = sparkTasks;
    this.repeats = repeats;
  }

  /** Tokenises. */
  public BenchResult run() throws Exception {
    TaskTexts texts = TaskTexts.read(data.task(), data.format(), Split.TRAIN, data.limit());
    List<String> prompts = texts.prompts();
    Timings timings = new Timings();
    long tokens = sparkTasks == 0 ? alone(prompts, timings) : onSpark(timings);
    Map<String, Object> settings = new LinkedHashMap<>();
    settings.put("command", "prepare");
    settings.put("task", data.task().toString());
    settings.put("tokenizer", data.tokenizer().toString());
    settings.put("max_source", maxSource);
    settings.put("spark_tasks", sparkTasks);
    settings.put("examples", prompts.size());
    settings.put("repeats", repeats);
    Map<String, Object> more = new LinkedHashMap<>();
    more.put(
        "examples_per_second", BenchResult.perSecond((long) prompts.size() * repeats, timings));
    more.put("tokens_per_pass", tokens);
    return new BenchResult(timings, tokens * repeats, more, settings);
  }

  private long alone(List<String> prompts, Timings timings) throws Exception {
    TextTokenizer tokenizer = Models.tokenizer(data.tokenizer());
    long[] tokens = {TokenisePart.count(tokenizer, prompts, maxSource)};
    for (int i = 0; i < repeats; i++) {
      timings.measure(() -> tokens[0] = TokenisePart.count(tokenizer, prompts, maxSource));
    }
    return tokens[0];
  }

  private long onSpark(Timings timings) throws Exception {
    SparkConf conf =
        new SparkConf()
            .setMaster("local[" + sparkTasks + "]")
            .setAppName("dapt bench prepare")
            .set("spark.ui.enabled", "false");
    // What travels with a task are numbers: the inputs are read where they are tokenised.
    TokenisePart part =
        new TokenisePart(
            data.task().toString(),
            data.format(),
            data.limit(),
            data.tokenizer().toString(),
            maxSource,
            sparkTasks);
    List<Integer> numbers = IntStream.range(0, sparkTasks).boxed().toList();
    try (JavaSparkContext spark = new JavaSparkContext(conf)) {
      long[] tokens = {0};
      for (int i = 0; i <= repeats; i++) {
        Timings kept = i == 0 ? new Timings() : timings;
        kept.measure(
            () -> tokens[0] = spark.parallelize(numbers, sparkTasks).map(part).reduce(Long::sum));
      }
      return tokens[0];
    }
  }
}
