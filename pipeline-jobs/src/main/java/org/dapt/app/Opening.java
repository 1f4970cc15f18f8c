package org.dapt.app;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.spark.SparkConf;
import org.dapt.backbone.Backbones;
import org.dapt.backbone.Projection;
import org.dapt.config.ConfigDifferences;
import org.dapt.config.ConfigLoader;
import org.dapt.config.DaptConfig;
import org.dapt.error.ConfigException;
import org.dapt.error.Shown;
import org.dapt.io.ModelFolder;
import org.dapt.job.Sessions;
import org.dapt.job.Version;
import org.dapt.method.ContinualMethods;
import org.dapt.models.Models;
import org.dapt.pet.LoraTargets;
import org.dapt.run.RunDirectory;

/**
 * The run of a configuration, before Spark starts. Whoever opens or looks for it is told what is
 * wrong with the model or the directory.
 *
 * @param config the effective configuration, with the hash that it has for a run that is there
 * @param sparkConf Spark's settings for it
 * @param hadoop the settings of the file systems
 */
record Opening(DaptConfig config, SparkConf sparkConf, Configuration hadoop) {
  static Opening of(DaptConfig config) {
    SparkConf sparkConf = Sessions.conf(config);
    Configuration hadoop = Sessions.hadoop(sparkConf);
    DaptConfig own =
        RunDirectory.existing(hadoop, new Path(config.run().dir()))
            .filter(run -> !run.identity().configHash().equals(config.hash()))
            .map(run -> goingOn(config, run.configText()))
            .orElse(config);
    return new Opening(own, sparkConf, hadoop);
  }

  private static DaptConfig goingOn(DaptConfig config, String started) {
    try {
      return started.isEmpty() ? config : config.asGoingOn(parsed(started));
    } catch (ConfigException e) {
      // Whoever finds that the hashes differ says what is wrong with the text.
      return config;
    }
  }

  /** The configuration of the run at {@code folder}, with changes ({@code key=value}). */
  static DaptConfig stored(String folder, List<String> overrides) {
    RunDirectory run = RunDirectory.open(Sessions.hadoop(new SparkConf()), new Path(folder));
    List<String> all = new ArrayList<>(overrides);
    all.add("run.dir=\"" + run.root() + "\"");
    if (run.sharesData()) {
      all.add("run.data=\"" + run.data() + "\"");
    }
    return ConfigLoader.parse(
        LearntOverrides.of(run).over(run.configText()),
        new Path(run.root(), RunDirectory.CONFIG_FILE).toString(),
        all);
  }

  /** The run, started now where there is none. */
  RunDirectory openOrCreate() {
    checkModel();
    if (RunDirectory.find(hadoop, root(), started -> started, stored -> List.of()).isEmpty()) {
      new LearntOverrides(Map.of()).requireTasks(config, hadoop);
    }
    return withSameOverrides(
        RunDirectory.openOrCreate(
            hadoop, root(), identity(), config.effective(), data(), this::differences));
  }

  /**
   * The same for what does not compute with the model: where the run exists, large or remote
   * weights are compared only if their digest is known, see {@link #comparesWeights}.
   */
  RunDirectory openOrPrepare() {
    return find().filter(run -> !run.configText().isEmpty()).orElseGet(this::openOrCreate);
  }

  /**
   * The run; empty where {@link #openOrCreate} would start it. Large or remote weights are compared
   * only if their digest is known.
   */
  Optional<RunDirectory> find() {
    checkModel();
    Optional<RunDirectory> found =
        RunDirectory.find(
            hadoop,
            root(),
            started -> {
              String model = config.model().path();
              return identity(
                  Models.knownSha256(model, hadoop).orElse(started.modelSha256()),
                  Models.tokenizer(model, hadoop).sha256());
            },
            this::differences);
    found.ifPresentOrElse(
        this::withSameOverrides, () -> new LearntOverrides(Map.of()).requireTasks(config, hadoop));
    return found;
  }

  /** The same for a dry run, where the model need not be there yet, see {@link BaseModel}. */
  Optional<RunDirectory> planned() {
    if (!BaseModel.isOnPaper(config, hadoop) || exists()) {
      return find();
    }
    if (ContinualMethods.named(config.method().name()).block().hasMatrices()) {
      checkTargets(BaseModel.of(config, hadoop).shape().projections());
    }
    new LearntOverrides(Map.of()).requireTasks(config, hadoop);
    return Optional.empty();
  }

  /** Whether there is such a folder. */
  boolean exists() {
    try {
      return root().getFileSystem(hadoop).exists(root());
    } catch (IOException e) {
      // Whoever opens it says so.
      return true;
    }
  }

  /** Whether {@link #find} compares the weights with those that a run was started with. */
  boolean comparesWeights() {
    return Models.knownSha256(config.model().path(), hadoop).isPresent();
  }

  /**
   * The run, for what reads its results: the model need not be there.
   *
   * @throws org.dapt.error.ConfigException if there is none
   */
  RunDirectory results() {
    requireStarted();
    RunDirectory run =
        RunDirectory.find(
                hadoop,
                root(),
                started -> identity(started.modelSha256(), started.tokenizerSha256()),
                this::differences)
            .orElseThrow();
    LearntOverrides.of(run).require(config);
    return run;
  }

  private RunDirectory withSameOverrides(RunDirectory run) {
    requireSameData(run);
    LearntOverrides learnt = LearntOverrides.of(run);
    learnt.require(config);
    learnt.requireTasks(config, hadoop);
    return run;
  }

  /** Where prepared data are shared; null where they are in the run. */
  private Path data() {
    String folder = config.run().data();
    if (folder == null) {
      return null;
    }
    Path data = new Path(folder);
    try {
      FileSystem files = root().getFileSystem(hadoop);
      FileSystem others = data.getFileSystem(hadoop);
      if (!files.getUri().equals(others.getUri())) {
        throw new ConfigException(
            "run.data is %s, on another file system than run.dir = %s: give a folder on that of the run."
                .formatted(data, root()));
      }
      return files.makeQualified(data);
    } catch (IOException e) {
      throw new ConfigException(
          "run.data = %s cannot be used: %s.".formatted(data, e.getMessage()), e);
    }
  }

  /** A run keeps the place of its data; it may be left out. */
  private void requireSameData(RunDirectory run) {
    Path now = data();
    if (now != null && !now.equals(run.data())) {
      throw new ConfigException(
          "run.data is %s, but the run in run.dir = %s has its prepared data in %s. Leave the key out, or take another run.dir."
              .formatted(now, root(), run.data()));
    }
  }

  /** Refuses a configuration whose run is not started. */
  void requireStarted() {
    RunDirectory.open(hadoop, root());
  }

  Path root() {
    return new Path(config.run().dir());
  }

  /** The lines that tell how the configuration differs from what a run was started with. */
  private List<String> differences(String stored) {
    return ConfigDifferences.between(parsed(stored), config);
  }

  private static DaptConfig parsed(String stored) {
    return ConfigLoader.parse(stored, "the run's config.conf", List.of());
  }

  /** Refuses models that cannot be loaded: nothing is prepared for them, let alone started. */
  private void checkModel() {
    Models.check(config.model().path(), hadoop);
    if (config.model().dropout() > 0) {
      checkDropout();
    }
    if (ContinualMethods.named(config.method().name()).block().hasMatrices()) {
      checkTargets();
    }
  }

  private void checkTargets() {
    try (ModelFolder model = Models.open(config.model().path(), hadoop)) {
      checkTargets(Backbones.projections(model));
    }
  }

  private void checkTargets(List<Projection> projections) {
    // Of a family from outside they may be known of a loaded model alone.
    if (!projections.isEmpty()) {
      new LoraTargets(config.lora().targets()).of(projections);
    }
  }

  private void checkDropout() {
    try (ModelFolder model = Models.open(config.model().path(), hadoop)) {
      if (!Backbones.dropsOut(model.config(), model.configFile())) {
        throw new ConfigException(
            "model.dropout is %s, but models of the model_type '%s' have no dropout in their layers: set it to 0."
                .formatted(
                    config.model().dropout(),
                    Shown.of(model.config().path("model_type").asText())));
      }
    }
  }

  /** What the run is, or would be, started with. */
  RunDirectory.Identity identity() {
    String model = config.model().path();
    return identity(Models.sha256(model, hadoop), Models.tokenizer(model, hadoop).sha256());
  }

  private RunDirectory.Identity identity(String modelSha256, String tokenizerSha256) {
    return new RunDirectory.Identity(
        config.hash(),
        modelSha256,
        tokenizerSha256,
        config.method().name(),
        config.run().seed(),
        Version.text());
  }
}
