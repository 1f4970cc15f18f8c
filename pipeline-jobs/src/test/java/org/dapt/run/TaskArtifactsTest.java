package org.dapt.run;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.dapt.method.ContinualMethod;
import org.dapt.method.Learner;
import org.dapt.method.LearntTask;
import org.dapt.method.MethodContext;
import org.dapt.method.Predictor;
import org.dapt.method.Replay;
import org.dapt.tensor.ComputeType;
import org.dapt.tensor.Placement;
import org.dapt.tensor.Tensors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Learnt tasks as files. */
class TaskArtifactsTest {
  private static final Placement HOST = Placement.cpu(ComputeType.FLOAT32);

  @TempDir private Path folder;

  @Test
  void whatAnswersIsAllThatStaysInMemory() throws IOException {
    Configuration hadoop = new Configuration();
    FileSystem files = FileSystem.getLocal(hadoop);
    org.apache.hadoop.fs.Path task = new org.apache.hadoop.fs.Path(folder.toUri());
    try (PointerScope scope = new PointerScope()) {
      LearntTask learnt =
          new LearntTask(
              "task",
              Map.of("block", HOST.of(HOST.learnt(), new double[] {1, 2}, 2)),
              Map.of(
                  "key", HOST.of(HOST.learnt(), new double[] {3}, 1),
                  "space", HOST.zeros(HOST.learnt(), 1000)),
              List.of());
      TaskArtifacts.Packed packed = TaskArtifacts.pack(learnt, "any");
      TaskArtifacts.write(files, task, packed);
      Marker.of(files, task)
          .write("hash", Map.of(), Map.of(TrainingSummary.SHA256, packed.sha256()));
    }
    WithoutSpace method = new WithoutSpace();
    try (PointerScope scope = new PointerScope()) {
      LearntTask read =
          TaskArtifacts.readAnswering(
                  hadoop,
                  List.of(new LearntFolder("task", folder.toUri().toString(), null)),
                  HOST,
                  method)
              .get(0);
      assertThat(Tensors.toDoubles(read.block().get("block"))).containsExactly(1, 2);
      assertThat(Tensors.toDoubles(read.attention().get("key"))).containsExactly(3);
      assertThat(read.attention()).hasSize(1);
      assertThat(method.space.isNull()).isTrue();
    }
  }

  /** Answers without what it calls space. */
  private static final class WithoutSpace implements ContinualMethod {
    private Tensor space;

    @Override
    public LearntTask answering(LearntTask task) {
      space = task.attention().get("space");
      return new LearntTask(
          task.task(),
          task.block(),
          Map.of("key", task.attention().get("key")),
          task.meanAttention());
    }

    @Override
    public String name() {
      return "without-space";
    }

    @Override
    public Learner begin(
        MethodContext context, List<LearntTask> learnt, String task, List<Replay> replay) {
      throw new UnsupportedOperationException();
    }

    @Override
    public Predictor restore(MethodContext context, List<LearntTask> learnt, String evaluated) {
      throw new UnsupportedOperationException();
    }
  }
}
