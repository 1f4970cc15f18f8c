package org.dapt.predict;

import java.io.IOException;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.spark.api.java.function.VoidFunction;
import org.apache.spark.util.LongAccumulator;
import org.dapt.answer.Answerer;
import org.dapt.data.file.AtomicFile;
import org.dapt.data.prompt.Prompts;
import org.dapt.spark.HeapExhausted;
import org.dapt.spark.TaskThreads;

/**
 * Answers the rows of one part and writes them: one Spark task. The file appears whole, so a part
 * is either done or not begun, and a second attempt writes the same.
 */
final class AnswerPart implements VoidFunction<Integer> {
  private static final long serialVersionUID = 1L;

  private final PartPlan plan;
  private final LongAccumulator rows;
  private final LongAccumulator tokens;

  /**
   * @param rows counts rows that are done
   * @param tokens counts source tokens and generated ones
   */
  AnswerPart(PartPlan plan, LongAccumulator rows, LongAccumulator tokens) {
    this.plan = plan;
    this.rows = rows;
    this.tokens = tokens;
  }

  @Override
  public void call(Integer part) throws Exception {
    HeapExhausted.guard(
        () -> {
          answer(part);
          return null;
        });
  }

  private void answer(int part) throws IOException {
    TaskThreads.use();
    Configuration hadoop = plan.answers().hadoop().value();
    List<InputRow> inputs = InputPart.read(hadoop, new Path(plan.inputs()), plan.parts().get(part));
    List<Prediction> predictions;
    try (Answerer answerer = Answerer.open(plan.answers())) {
      Answering answering =
          new Answering(
              answerer,
              plan.tasks(),
              plan.task(),
              Prompts.of(plan.template(), plan.answers().model().path(), hadoop),
              plan.instruction(),
              plan.maxSourceTokens());
      predictions = answering.answer(inputs, plan.firstRows()[part]);
    }
    write(hadoop, predictions, new Path(plan.output(), PartPlan.file(part, plan.format())));
    for (Prediction prediction : predictions) {
      tokens.add(prediction.sourceTokens() + (long) prediction.generatedTokens());
    }
    rows.add(predictions.size());
  }

  private void write(Configuration hadoop, List<Prediction> predictions, Path target)
      throws IOException {
    FileSystem files = target.getFileSystem(hadoop);
    Path temporary = AtomicFile.temporaryFor(target);
    try {
      try (PredictionWriter writer = plan.format().create(hadoop, temporary)) {
        for (Prediction prediction : predictions) {
          writer.write(prediction);
        }
      }
      AtomicFile.publish(files, temporary, target);
    } finally {
      files.delete(temporary, false);
    }
  }
}
