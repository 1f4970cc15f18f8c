package org.dapt.config;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigFactory;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.dapt.config.read.Documents;
import org.dapt.config.read.FormerNames;
import org.dapt.config.read.Origins;
import org.dapt.config.read.Overrides;
import org.dapt.config.read.Problems;
import org.dapt.config.read.Reference;
import org.dapt.config.read.SettingPaths;
import org.dapt.config.read.SettingReader;
import org.dapt.config.read.UnknownKeys;
import org.dapt.realign.RealignSettings;

/**
 * Loads a configuration. A value of the command line goes before one of the file, and that before
 * the default in {@code reference.conf}. System properties and {@code application.conf} are not
 * read; {@code ${?NAME}} in a file takes environment variables. The section {@code definitions} of
 * a file is for its substitutions alone and no part of what is loaded.
 */
public final class ConfigLoader {
  private ConfigLoader() {}

  /**
   * Loads a configuration file. Relative paths in it are relative to the file that states them,
   * those in {@code overrides} to the working directory.
   *
   * @param file the file, null for none
   * @param overrides texts of the form {@code key=value}; a later one goes before an earlier one
   * @throws org.dapt.error.ConfigException with all problems, one line each
   */
  public static DaptConfig load(Path file, List<String> overrides) {
    return load(file, document -> document, overrides);
  }

  /**
   * The same of a file that is changed first.
   *
   * @param change is given what the file states but its section {@code compare}, which is no run's
   */
  public static DaptConfig load(Path file, UnaryOperator<Config> change, List<String> overrides) {
    return load(
        () -> change.apply(document(file).withoutPath(Reference.COMPARE)),
        ConfigFactory.empty(),
        directory(file),
        overrides);
  }

  /**
   * Reads a part of a configuration file that belongs to no single run. Keys of runs may be there,
   * too; they are not looked at.
   *
   * @param read gets all values, the defaults of {@code reference.conf} included
   * @param overrides as in {@link #load}
   * @throws org.dapt.error.ConfigException with all problems, one line each
   */
  public static <T> T read(Path file, Function<SettingReader, T> read, List<String> overrides) {
    var reference = Reference.withComparison();
    var problems = new Problems();
    var commandLine = Overrides.parse(overrides, reference, DaptConfig.KEYS, problems);
    var merged = merge(commandLine.config(), () -> document(file), reference.config(), problems);
    new UnknownKeys(reference, problems).check(merged.withOnlyPath(Reference.COMPARE));
    T value =
        read.apply(new SettingReader(merged.root(), new SettingPaths(directory(file)), problems));
    problems.throwIfAny();
    return value;
  }

  private static Config document(Path file) {
    return file == null ? ConfigFactory.empty() : Documents.fromFile(file);
  }

  private static Path directory(Path file) {
    return file == null ? workingDirectory() : file.toAbsolutePath().getParent();
  }

  /**
   * Loads a configuration that was stored by {@link DaptConfig#effective()}. Keys that it does not
   * have came later: they get the value that says what held before.
   *
   * @param text the HOCON
   * @param origin how messages name the text, a path for example
   * @param overrides as in {@link #load}
   * @throws org.dapt.error.ConfigException with all problems, one line each
   */
  public static DaptConfig parse(String text, String origin, List<String> overrides) {
    return load(
        () -> Documents.fromText(text, origin),
        DaptConfig.KEYS.asBefore(),
        workingDirectory(),
        overrides);
  }

  private static DaptConfig load(
      Supplier<Config> document, Config defaults, Path directory, List<String> overrides) {
    var reference = Reference.load();
    var problems = new Problems();
    var commandLine = Overrides.parse(overrides, reference, DaptConfig.KEYS, problems);
    var merged =
        new FormerNames(DaptConfig.KEYS, problems)
            .replaced(
                merge(
                    commandLine.config(),
                    document,
                    defaults.withFallback(reference.config()),
                    problems));
    var in = new SettingReader(merged.root(), new SettingPaths(directory), problems);
    new UnknownKeys(reference, problems).check(merged);
    var config = read(in, SparkSettings.of(merged, commandLine.spark()));
    new CrossChecks(in.values()).check(config);
    problems.throwIfAny();
    return config.hashed();
  }

  private static Config merge(
      Config commandLine, Supplier<Config> document, Config defaults, Problems problems) {
    try {
      return commandLine
          .withFallback(document.get())
          .withFallback(defaults)
          .resolve()
          .withoutPath(Reference.DEFINITIONS);
    } catch (org.dapt.error.ConfigException e) {
      problems.add(e.getMessage());
    } catch (StackOverflowError e) {
      problems.add(Documents.tooDeep("The configuration", e).getMessage());
    } catch (ConfigException e) {
      var place = e.origin() == null ? "" : Origins.where(e.origin()) + ": ";
      problems.add(place + Documents.reason(e));
    }
    // Without the document every key would seem to be missing.
    problems.throwIfAny();
    throw new IllegalStateException("A problem was added and not thrown");
  }

  static DaptConfig read(SettingReader in, Map<String, String> spark) {
    return new DaptConfig(
        RunSettings.read(in),
        ModelSettings.read(in),
        TaskSettings.read(in),
        MethodSettings.read(in),
        LoraSettings.read(in),
        PromptSettings.read(in),
        AttentionSettings.read(in),
        ReflectionSettings.read(in),
        ReplaySettings.read(in),
        TrainSettings.read(in),
        CheckpointSettings.read(in),
        EvaluateSettings.read(in),
        RealignSettings.read(in),
        MetricsSettings.read(in),
        spark,
        "");
  }

  private static Path workingDirectory() {
    return Path.of("").toAbsolutePath();
  }
}
