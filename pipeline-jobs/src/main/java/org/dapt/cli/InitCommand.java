package org.dapt.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.SparkConf;
import org.dapt.config.read.Redaction;
import org.dapt.data.table.Field;
import org.dapt.error.ConfigException;
import org.dapt.error.NearestNames;
import org.dapt.init.InitJob;
import org.dapt.job.Sessions;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code dapt init}. */
@Command(
    name = "init",
    mixinStandardHelpOptions = true,
    description = {
      "Writes a configuration for your own data.",
      "Looks at data and model: format, fields, tasks, lengths, metric, memory.",
      "Nothing that exists is overwritten."
    },
    footer = {"", "Example:", "  dapt init runs/mine --from reviews.jsonl"})
final class InitCommand implements Callable<Integer> {
  private static final String BUNDLED = "models/base-tiny";

  @Parameters(paramLabel = "DIR", description = "Folder of the configuration and the run.")
  private Path folder;

  @Option(
      names = "--from",
      paramLabel = "PATH",
      required = true,
      description = "A file or folder: jsonl, json, csv, parquet, gz behind it or not.")
  private String from;

  @Option(
      names = "--model",
      paramLabel = "PATH",
      description = "A Hugging Face folder of a T5 or Llama; the bundled small model otherwise.")
  private String model;

  @Option(
      names = "--field",
      paramLabel = "WHAT=NAME",
      description =
          "Which field is the input, output, instruction, id, task, split or messages, where its"
              + " name does not tell.")
  private Map<String, String> fields = new LinkedHashMap<>();

  @Override
  public Integer call() throws IOException {
    Configuration hadoop = Sessions.hadoop(new SparkConf());
    InitJob.Written written =
        new InitJob(hadoop)
            .run(folder, from, model == null ? bundled() : absolute(model), stated());
    String command = Redaction.within(Main.program());
    System.out.printf(
        """
        %s: %s, format %s%s
        Tasks: %s
        Model: %s
        Chosen by looking at both: %s

        Next:
          %s run --config %s
          %s report --run %s --html %s
          %s predict --run %s --interactive
        """,
        written.file(),
        written.tasks().size() == 1 ? "1 task" : written.tasks().size() + " tasks",
        written.format(),
        written.fields().isEmpty() ? "" : ", fields " + written.fields(),
        String.join(", ", written.tasks()),
        written.model(),
        written.chosen(),
        command,
        quoted(written.file()),
        command,
        quoted(folder.resolve("run")),
        quoted(folder.resolve("report.html")),
        command,
        quoted(folder.resolve("run")));
    return 0;
  }

  private SortedMap<String, String> stated() {
    SortedMap<String, String> stated = new TreeMap<>();
    for (Map.Entry<String, String> field : fields.entrySet()) {
      if (Arrays.stream(Field.values()).noneMatch(known -> known.key().equals(field.getKey()))) {
        throw new ConfigException(
            "--field %s is not known; the nearest is %s."
                .formatted(
                    field.getKey(),
                    Arrays.stream(Field.values())
                        .map(Field::key)
                        .min(NearestNames.to(field.getKey()))
                        .orElseThrow()));
      }
      stated.put(field.getKey(), field.getValue());
    }
    return stated;
  }

  private static String absolute(String path) {
    return path.contains("://") ? path : Path.of(path).toAbsolutePath().normalize().toString();
  }

  /** The model that comes with dapt. */
  private static String bundled() {
    String home = System.getenv().getOrDefault("DAPT_HOME", System.getProperty("dapt.home", "."));
    Path found = Path.of(home, BUNDLED).toAbsolutePath().normalize();
    // A build of a source checkout comes and goes, its sources stay.
    Path source = Path.of(home, "../../..", BUNDLED).toAbsolutePath().normalize();
    if (home.contains("target") && Files.isDirectory(source)) {
      return source.toString();
    }
    if (!Files.isDirectory(found)) {
      throw new ConfigException(
          "The bundled model is not at %s, because DAPT_HOME does not say where dapt is: give --model PATH."
              .formatted(found));
    }
    return found.toString();
  }

  /** As a shell takes it for one word. */
  private static String quoted(Path path) {
    String text = path.toString();
    return text.matches("[\\w./:@%+=-]+") ? text : "'" + text.replace("'", "'\\''") + "'";
  }
}
