package org.dapt.config;

import com.typesafe.config.ConfigRenderOptions;
import com.typesafe.config.ConfigValueFactory;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.dapt.config.key.Keys;
import org.dapt.config.key.NotHashed;
import org.dapt.config.key.TypedSettings;
import org.dapt.config.read.Redaction;
import org.dapt.metric.AnswerMetric;
import org.dapt.models.ModelSource;
import org.dapt.realign.RealignSettings;

/**
 * A checked configuration. The keys are explained in {@code reference.conf}; a component {@code
 * maxNewTokens} of {@code evaluate} is the key {@code evaluate.max-new-tokens}.
 *
 * @param spark what is handed to Spark, by keys that start with {@code spark.}
 * @param hash the {@link ConfigHash}
 */
public record DaptConfig(
    RunSettings run,
    ModelSettings model,
    TaskSettings tasks,
    MethodSettings method,
    LoraSettings lora,
    PromptSettings prompt,
    AttentionSettings attention,
    ReflectionSettings reflection,
    ReplaySettings replay,
    TrainSettings train,
    @NotHashed CheckpointSettings checkpoint,
    EvaluateSettings evaluate,
    @NotHashed RealignSettings realign,
    @NotHashed MetricsSettings metrics,
    @NotHashed Map<String, String> spark,
    String hash) {
  /** All keys, as the components of the sections declare them. */
  static final Keys KEYS = Keys.of(DaptConfig.class);

  /** Keeps a sorted copy of {@code spark}. */
  public DaptConfig {
    spark = Collections.unmodifiableMap(new TreeMap<>(spark));
  }

  /** This configuration with the hash that belongs to it. */
  DaptConfig hashed() {
    return with(
        run, tasks, train, evaluate, ConfigHash.of(TypedSettings.document(TypedSettings.of(this))));
  }

  /**
   * This configuration with the hash that it has for a run that was {@code started} with another
   * one: keys that a run may change count with the former value.
   */
  public DaptConfig asGoingOn(DaptConfig started) {
    return with(
        run,
        tasks,
        train,
        evaluate,
        ConfigHash.of(
            TypedSettings.document(TypedSettings.of(this)),
            TypedSettings.document(TypedSettings.of(started))));
  }

  /** This configuration with its prepared data in {@code folder}, with the same hash. */
  public DaptConfig withData(String folder) {
    return with(new RunSettings(run.dir(), run.seed(), folder), tasks, train, evaluate, hash);
  }

  /** This configuration as it holds for {@code task}, with the same hash. */
  public DaptConfig forTask(String task) {
    TaskOverride own = tasks.overrides().get(task);
    return own == null ? this : with(run, own.over(tasks), own.over(train), evaluate, hash);
  }

  /**
   * This configuration without tasks that are evaluated though never learnt, with the same hash.
   */
  public DaptConfig withoutUnseen() {
    return with(run, tasks, train, evaluate.withoutUnseen(), hash);
  }

  private DaptConfig with(
      RunSettings run,
      TaskSettings tasks,
      TrainSettings train,
      EvaluateSettings evaluate,
      String hash) {
    return new DaptConfig(
        run,
        model,
        tasks,
        method,
        lora,
        prompt,
        attention,
        reflection,
        replay,
        train,
        checkpoint,
        evaluate,
        realign,
        metrics,
        spark,
        hash);
  }

  /**
   * How inputs are written.
   *
   * @param task whose inputs they are; null where that is not known
   */
  public String template(String task) {
    return (task == null ? this : forTask(task)).tasks().template();
  }

  /** The score that decides on {@code task}. */
  public AnswerMetric metric(String task) {
    return forTask(task).tasks().metric();
  }

  /** Where executors find the model, and how its tokenizer is to be used. */
  public ModelSource modelSource() {
    return new ModelSource(model.path(), model.dtype(), model.device(), tasks.beginOfText());
  }

  /**
   * The whole configuration as HOCON, sorted by key, with absolute paths. What looks like a secret
   * in the keys of Spark and in addresses is written as {@code ***}; {@link ConfigLoader#parse}
   * takes such keys of Spark for not set.
   */
  public String effective() {
    var shown = new TreeMap<String, Object>();
    TypedSettings.of(this).forEach((key, value) -> shown.put(key, Redaction.stored(key, value)));
    var forSpark = new TreeMap<String, Object>();
    spark.forEach(
        (key, value) ->
            forSpark.put(key.substring(SparkSettings.PREFIX.length()), Redaction.show(key, value)));
    return TypedSettings.document(shown)
        .withValue(SparkSettings.SECTION, ConfigValueFactory.fromMap(forSpark))
        .root()
        .render(ConfigRenderOptions.defaults().setJson(false).setOriginComments(false));
  }

  /**
   * Every key that is set, but those of {@code spark}, with its value as text. What looks like a
   * secret in addresses is written as {@code ***}.
   */
  public Map<String, String> settings() {
    var settings = new TreeMap<String, String>();
    TypedSettings.of(this)
        .forEach(
            (key, value) -> {
              if (value != null) {
                settings.put(key, Redaction.stored(key, value).toString());
              }
            });
    return settings;
  }

  /**
   * The values of {@code sections} by key, for those who read them by themselves; they can be sent
   * to other processes.
   */
  public Map<String, Object> values(List<String> sections) {
    var values = new TreeMap<String, Object>();
    TypedSettings.of(this)
        .forEach(
            (key, value) -> {
              if (value != null && sections.stream().anyMatch(name -> key.startsWith(name + "."))) {
                values.put(key, value);
              }
            });
    return values;
  }

  /** The same as {@link #effective()}: secrets get into no log. */
  @Override
  public String toString() {
    return effective();
  }
}
