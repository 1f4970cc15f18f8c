package org.dapt.inspect;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.dapt.app.TestRun;
import org.dapt.method.LearntTask;
import org.dapt.run.TaskArtifacts;
import org.dapt.tensor.ComputeType;
import org.dapt.tensor.NamedTensors;
import org.dapt.tensor.Placement;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which file of tensors is which. */
class FileKindTest {
  private static final Map<String, String> BEFORE =
      Map.of("format", "1", "producer", "dapt", "task", "t", "method", "dapt-lora");

  @TempDir private Path folder;

  /** Whatever a method calls its tensors, also as another kind of file does. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "pool                  | statistics            | Block of a task | Attention of a task (the",
        "prompt                | q.lora_A              | Block of a task (soft | of a task (the",
        "q.lora_A              | prompt                | Block of a task (LoRA | of a task (the",
        "key,query.down.weight | key,query.down.weight | Block of a task | of a task (key and query",
      })
  void aFileOfALearntTaskSaysItself(String block, String attention, String is, String other)
      throws IOException {
    try (PointerScope scope = new PointerScope()) {
      TaskArtifacts.Packed packed =
          TaskArtifacts.pack(
              new LearntTask("t", tensors(block), tensors(attention), List.of()), "any");
      assertThat(inspect(packed.block())).contains(is).doesNotContain("Attention");
      assertThat(inspect(packed.attention())).contains(other).doesNotContain("Block");
    }
  }

  /** Files of version 0.1.0 did not. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "prompt                | Block of a task (soft prompt)",
        "q.lora_A,q.lora_B     | Block of a task (LoRA)",
        "key,query.down.weight | Attention of a task (key and query network)",
        "statistics            | Tensors (safetensors)",
      })
  void whereItDoesNotItsTensorsTell(String names, String is) throws IOException {
    try (PointerScope scope = new PointerScope()) {
      assertThat(inspect(NamedTensors.write(tensors(names), BEFORE))).contains(is);
      assertThat(inspect(NamedTensors.write(tensors(names), Map.of()))).contains(is);
      assertThat(inspect(NamedTensors.write(tensors(names), Map.of("content", "block"))))
          .as("what others mean by it is not known")
          .contains(is);
    }
  }

  @Test
  void anEmptyFileIsTheAttentionOfAMethodWithoutOne() throws IOException {
    assertThat(inspect(NamedTensors.write(Map.of(), BEFORE))).contains("its method has no");
    assertThat(inspect(NamedTensors.write(Map.of(), Map.of()))).contains("Tensors (safetensors)");
  }

  private static Map<String, Tensor> tensors(String names) {
    Map<String, Tensor> tensors = new TreeMap<>();
    for (String name : names.split(",", -1)) {
      tensors.put(name, Placement.cpu(ComputeType.FLOAT32).zeros(ScalarType.Float, 2, 3));
    }
    return tensors;
  }

  private String inspect(byte[] content) throws IOException {
    Path file = Files.write(folder.resolve("a.safetensors"), content);
    TestRun.Ended ended = TestRun.execute("inspect", file.toString());
    assertThat(ended.code()).as(ended.err()).isZero();
    return ended.out();
  }
}
