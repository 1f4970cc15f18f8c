package org.dapt.predict;

import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.dapt.answer.AnswerPlan;
import org.dapt.answer.Answerer;
import org.dapt.config.DaptConfig;
import org.dapt.data.prompt.Prompts;
import org.dapt.job.Sessions;
import org.dapt.run.LearntFolder;
import org.dapt.run.RunDirectory;
import org.dapt.spark.TaskThreads;
import org.dapt.terminal.Terminal;

/** Answers one line at a time and shows how the blocks were mixed, in this process alone. */
public final class Interactive {
  private static final JsonMapper JSON = JsonMapper.builder().build();

  private final DaptConfig config;
  private final AnswerPlan plan;
  private final List<String> tasks;
  private final String task;
  private final String instruction;

  /**
   * @param tasks what the model has learnt that answers, the oldest first
   * @param task of the lines; null where nobody knows
   * @param instruction for every line; null for none
   * @throws org.dapt.error.ConfigException if the method must know the task of inputs and does not
   */
  public Interactive(
      DaptConfig config,
      Configuration hadoop,
      RunDirectory run,
      List<String> tasks,
      String task,
      String instruction) {
    KnownTask.check(config.method().name(), task, tasks);
    this.config = config;
    this.plan = AnswerPlan.of(config, hadoop, LearntFolder.of(run, tasks));
    this.tasks = List.copyOf(tasks);
    this.task = task;
    this.instruction = instruction;
  }

  /**
   * Answers the lines of {@code in} until it ends. Lines with nothing in them are passed over.
   *
   * @param json whether each answer is a JSON object on a line of its own
   * @param prompt where people are asked for a line; null where nobody is
   */
  public void run(InputStream in, PrintStream out, boolean json, PrintStream prompt)
      throws IOException {
    TaskThreads.useAlone(Sessions.conf(config));
    BufferedReader lines = new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8));
    WeightsText weights = new WeightsText(Terminal.here().colours(Terminal.OUT));
    try (Answerer answerer = Answerer.open(plan)) {
      Answering answering =
          new Answering(
              answerer,
              tasks,
              task,
              Prompts.of(config.template(task), config.model().path(), plan.hadoop().value()),
              instruction,
              config.tasks().maxSourceTokens());
      ask(prompt);
      long number = 0;
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        if (!line.isBlank()) {
          Prediction answer =
              answering.answer(List.of(new InputRow(null, null, line)), number++).get(0);
          show(out, answer, json, weights);
        }
        ask(prompt);
      }
      if (prompt != null) {
        prompt.println();
      }
    }
  }

  private static void ask(PrintStream prompt) {
    if (prompt != null) {
      prompt.print("> ");
      prompt.flush();
    }
  }

  private static void show(PrintStream out, Prediction answer, boolean json, WeightsText weights)
      throws IOException {
    if (json) {
      out.println(JSON.writeValueAsString(JsonPredictions.object(answer)));
    } else {
      out.println(answer.error() == null ? answer.prediction() : "(" + answer.error() + ")");
      out.print(weights.of(answer));
      if (answer.cut()) {
        out.println("  (the line was cut at " + answer.sourceTokens() + " tokens)");
      }
    }
    out.flush();
  }
}
