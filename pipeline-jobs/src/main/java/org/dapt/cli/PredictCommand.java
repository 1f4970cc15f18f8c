package org.dapt.cli;

import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.Callable;
import org.dapt.app.Application;
import org.dapt.app.DryRun;
import org.dapt.config.DaptConfig;
import org.dapt.data.table.Field;
import org.dapt.error.ConfigException;
import org.dapt.job.Session;
import org.dapt.predict.InputFields;
import org.dapt.predict.InputKind;
import org.dapt.predict.Interactive;
import org.dapt.predict.OutputFormat;
import org.dapt.predict.PredictSettings;
import org.dapt.spark.HeapExhausted;
import org.dapt.terminal.Terminal;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code dapt predict}. */
@Command(
    name = "predict",
    mixinStandardHelpOptions = true,
    description = "Answers inputs whose task nobody names.",
    footer = {
      "",
      "Example:",
      "  dapt predict --run runs/quickstart --input inputs.jsonl --output answers"
    })
final class PredictCommand implements Callable<Integer> {
  @Mixin private ConfigOptions options;

  @Mixin private DryRunOption dryRun;

  @Option(
      names = "--input",
      paramLabel = "PATH",
      description = "File, folder or pattern: json, jsonl, parquet or csv.")
  private String input;

  @Option(names = "--output", paramLabel = "DIR", description = "Folder of the predictions.")
  private String output;

  @Option(
      names = "--format",
      paramLabel = "FORMAT",
      description =
          "Of the predictions: parquet (default) or jsonl; with --interactive text (default) or"
              + " json.")
  private String format;

  @Option(
      names = "--input-format",
      paramLabel = "FORMAT",
      description = "Of the input, where its name does not tell.")
  private String inputFormat;

  @Option(
      names = "--input-column",
      paramLabel = "NAME",
      description = "Column or field of the text. Default: tasks.fields.input, else input")
  private String inputColumn;

  @Option(
      names = "--id-column",
      paramLabel = "NAME",
      description = "Column or field of the name. Default: tasks.fields.id, else id")
  private String idColumn;

  @Option(
      names = "--instruction-column",
      paramLabel = "NAME",
      description =
          "Column or field of a row's own instruction. Default: tasks.fields.instruction, else"
              + " instruction")
  private String instructionColumn;

  @Option(
      names = "--instruction",
      paramLabel = "TEXT",
      description = "For rows that bring none of their own.")
  private String instruction;

  @Option(
      names = "--step",
      paramLabel = "N",
      description = "Answers with the first N tasks; with all where it is not given.")
  private Integer step;

  @Option(
      names = "--task",
      paramLabel = "TASK",
      description = "The inputs' task, for single-task and prog-prompt alone.")
  private String task;

  @Option(
      names = "--part-rows",
      paramLabel = "N",
      defaultValue = "64",
      description = "Rows that are answered and kept together. Default: ${DEFAULT-VALUE}")
  private int partRows;

  @Option(names = "--interactive", description = "Answers standard input line by line.")
  private boolean interactive;

  @Override
  public Integer call() throws Exception {
    check();
    if (dryRun.isSet()) {
      DryRun dry = new DryRun(options.config());
      return DryRunOption.print(
          dry.predict(interactive ? null : settings(options.config()), step), false);
    }
    Application application = Application.ofExisting(options.config());
    if (interactive) {
      return HeapExhausted.guard(() -> answerLines(application, application.learnt(step)));
    }
    try (Session session = application.session()) {
      System.out.print(
          PredictionText.of(application.predict(session, settings(application.config()))));
    }
    return 0;
  }

  private void check() {
    if (partRows < 1) {
      throw new ConfigException(
          "--part-rows is " + partRows + ", expected a whole number of at least 1.");
    }
    if (interactive) {
      if (input != null || output != null) {
        throw new ConfigException(
            "--interactive reads standard input and writes standard output: leave --input and"
                + " --output out.");
      }
      if (format != null && !format.equals("text") && !format.equals("json")) {
        throw new ConfigException(
            "--format is %s, expected text or json with --interactive.".formatted(format));
      }
    } else if (input == null || output == null) {
      throw new ConfigException(
          "%s is missing: expected --input with what is to be answered and --output with the folder of the predictions, or --interactive."
              .formatted(input == null ? "--input" : "--output"));
    }
  }

  /** As it is given, else as the run's own rows have it, else by its usual name. */
  private static String column(DaptConfig config, String given, Field field) {
    return given != null ? given : config.tasks().fields().getOrDefault(field.key(), field.key());
  }

  private PredictSettings settings(DaptConfig config) {
    return new PredictSettings(
        input,
        inputFormat == null ? null : InputKind.named(inputFormat),
        new InputFields(
            column(config, inputColumn, Field.INPUT),
            column(config, idColumn, Field.ID),
            column(config, instructionColumn, Field.INSTRUCTION),
            column(config, null, Field.MESSAGES)),
        instruction,
        output,
        format == null ? OutputFormat.PARQUET : OutputFormat.named(format),
        step,
        task,
        partRows);
  }

  /** Answers until the input ends; returns the exit code. */
  private int answerLines(Application application, List<String> tasks) throws Exception {
    boolean people = Terminal.here().redraws(Terminal.IN) && Terminal.here().redraws(Terminal.ERR);
    new Interactive(
            application.config(),
            application.hadoop(),
            application.directory(),
            tasks,
            task,
            instruction)
        .run(
            System.in,
            new PrintStream(System.out, true, StandardCharsets.UTF_8),
            "json".equals(format),
            people ? System.err : null);
    return 0;
  }
}
