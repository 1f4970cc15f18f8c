package org.dapt.bank;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.api.java.function.FlatMapFunction;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.util.SerializableConfiguration;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.dapt.backbone.Backbone;
import org.dapt.method.LearntTask;
import org.dapt.method.dapt.Selection;
import org.dapt.models.ModelSource;
import org.dapt.models.Models;
import org.dapt.realign.FitTable;
import org.dapt.run.LearntFolder;
import org.dapt.run.TaskArtifacts;
import org.dapt.spark.HeapExhausted;
import org.dapt.spark.TaskThreads;
import org.dapt.tensor.Tensors;

/** Passes inputs through the embeddings of the model, for rows of {@link FitTable}. */
final class SeenInputs implements FlatMapFunction<Iterator<SeenInputs.Part>, Row> {
  private static final long serialVersionUID = 1L;

  /** Inputs that are embedded at once. */
  static final int AT_ONCE = 64;

  private final SerializableConfiguration hadoop;
  private final ModelSource model;
  private final LearntFolder last;

  /**
   * Some inputs of a task.
   *
   * @param first which of the task's the first one is, from 0
   * @param target the attention that each of them shall have, one number a learnt task
   * @param share what the divergence of each counts
   */
  record Part(String task, int first, List<int[]> sources, double[] target, double share)
      implements Serializable {}

  /**
   * @param last the task that was learnt last, which says what is taken off embeddings
   */
  SeenInputs(SerializableConfiguration hadoop, ModelSource model, LearntFolder last) {
    this.hadoop = hadoop;
    this.model = model;
    this.last = last.withoutSelection();
  }

  @Override
  public Iterator<Row> call(Iterator<Part> parts) throws Exception {
    return HeapExhausted.guard(() -> rows(parts));
  }

  private Iterator<Row> rows(Iterator<Part> parts) {
    TaskThreads.use();
    Configuration files = hadoop.value();
    Backbone backbone = Models.backbone(model, files);
    List<Row> rows = new ArrayList<>();
    try (PointerScope scope = new PointerScope()) {
      List<LearntTask> learnt = TaskArtifacts.readAll(files, List.of(last), backbone.placement());
      while (parts.hasNext()) {
        Part part = parts.next();
        Tensor seen = Selection.seen(backbone, learnt, part.sources());
        double[] numbers = Tensors.toDoubles(seen);
        int width = numbers.length / part.sources().size();
        for (int i = 0; i < part.sources().size(); i++) {
          Float[] row = new Float[width];
          for (int j = 0; j < width; j++) {
            row[j] = (float) numbers[i * width + j];
          }
          rows.add(
              RowFactory.create(
                  part.task(),
                  part.first() + i,
                  row,
                  Arrays.stream(part.target()).boxed().toArray(Double[]::new),
                  part.share()));
        }
      }
    }
    return rows.iterator();
  }
}
