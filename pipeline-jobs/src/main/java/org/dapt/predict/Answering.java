package org.dapt.predict;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.dapt.answer.Answer;
import org.dapt.answer.Answerer;
import org.dapt.data.prompt.Prompts;
import org.dapt.error.InputException;
import org.dapt.tokenizer.EncodedText;

/** Makes predictions of rows: puts their texts together as the run's tasks were, and answers. */
final class Answering {
  private final Answerer answerer;
  private final List<String> tasks;
  private final String task;
  private final Prompts prompts;
  private final String instruction;
  private final int maxSourceTokens;

  /**
   * @param tasks the learnt tasks, the oldest first
   * @param task of all inputs; null where nobody knows
   * @param prompts how the tasks were written
   * @param instruction for rows without one of their own; null for none
   */
  Answering(
      Answerer answerer,
      List<String> tasks,
      String task,
      Prompts prompts,
      String instruction,
      int maxSourceTokens) {
    this.answerer = answerer;
    this.tasks = tasks;
    this.task = task;
    this.prompts = prompts;
    this.instruction = instruction == null ? "" : instruction;
    this.maxSourceTokens = maxSourceTokens;
  }

  /**
   * The predictions of {@code rows}, in their order.
   *
   * @param first index of the first row
   */
  List<Prediction> answer(List<InputRow> rows, long first) {
    List<EncodedText> sources = new ArrayList<>();
    List<int[]> asked = new ArrayList<>();
    List<String> problems = new ArrayList<>();
    for (InputRow row : rows) {
      EncodedText source = null;
      String problem = row.problem();
      try {
        source = problem == null ? encode(row) : null;
        if (source != null && source.ids().length == 0) {
          problem = "the text has no tokens";
        }
      } catch (InputException e) {
        // One text that the model has no ids for does not end the others.
        problem = e.getMessage();
      }
      sources.add(problem == null ? source : null);
      problems.add(problem);
      if (problem == null) {
        asked.add(source.ids());
      }
    }
    List<Answer> answers =
        asked.isEmpty()
            ? List.of()
            // Methods that need no task take no notice of it.
            : answerer.answer(asked, task == null ? tasks.get(tasks.size() - 1) : task);
    List<Prediction> predictions = new ArrayList<>();
    int next = 0;
    for (int i = 0; i < rows.size(); i++) {
      InputRow row = rows.get(i);
      long index = first + i;
      String id = row.id() == null ? Long.toString(index) : row.id();
      if (sources.get(i) == null) {
        predictions.add(Prediction.failed(index, id, row.input(), problems.get(i)));
      } else {
        predictions.add(prediction(index, id, row, sources.get(i), answers.get(next++)));
      }
    }
    return predictions;
  }

  private EncodedText encode(InputRow row) {
    String own = row.instruction() == null ? instruction : row.instruction();
    return prompts.encode(
        answerer.tokenizer(), prompts.text(own, row.input(), row.messages()), maxSourceTokens);
  }

  private Prediction prediction(
      long index, String id, InputRow row, EncodedText source, Answer answer) {
    return new Prediction(
        index,
        id,
        row.input(),
        answer.text(),
        answer.chosen() < 0 ? task : tasks.get(answer.chosen()),
        weights(answer),
        source.ids().length,
        source.truncated(),
        answer.tokens(),
        null);
  }

  private Map<String, Double> weights(Answer answer) {
    if (answer.attentionWeights().isEmpty()) {
      return null;
    }
    Map<String, Double> weights = new LinkedHashMap<>();
    for (int i = 0; i < tasks.size(); i++) {
      weights.put(tasks.get(i), answer.attentionWeights().get(i));
    }
    return weights;
  }
}
