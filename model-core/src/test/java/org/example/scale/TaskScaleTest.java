package org.example.scale;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.global.torch;
import org.dapt.backbone.Backbone;
import org.dapt.backbone.Backbones;
import org.dapt.error.ConfigException;
import org.dapt.error.InputException;
import org.dapt.fixture.Fixtures;
import org.dapt.method.ContinualMethods;
import org.dapt.method.Learner;
import org.dapt.method.LearntTask;
import org.dapt.method.MethodContext;
import org.dapt.method.Sections;
import org.dapt.tensor.ComputeType;
import org.dapt.tensor.Placement;
import org.junit.jupiter.api.Test;

/** The example of the document on extensions: what it holds, and its options. */
class TaskScaleTest {
  private static final Path HOME = Path.of(System.getProperty("dapt.home"));
  private static final Path TESTS = HOME.resolve("model-core/src/test");

  @Test
  void theDocumentHoldsExactlyThisCodeAndItsRegistration() throws IOException {
    String document = Files.readString(HOME.resolve("docs/extending.md"));
    assertThat(blocks(document, "java"))
        .containsExactly(Files.readString(TESTS.resolve("java/org/example/scale/TaskScale.java")));
    assertThat(blocks(document, "text"))
        .containsExactly(
            Files.readString(
                TESTS.resolve("resources/META-INF/services/org.dapt.method.ContinualMethod")));
  }

  @Test
  void itIsFoundByItsName() {
    assertThat(ContinualMethods.named("task-scale")).isInstanceOf(TaskScale.class);
  }

  @Test
  void itsOptionsSayWhatIsScaledAndWhereFactorsStart() {
    try (PointerScope scope = new PointerScope();
        Backbone backbone =
            Backbones.load(Fixtures.folder("t5-v10-tiny"), Placement.cpu(ComputeType.FLOAT32))) {
      try (Learner values = begin(backbone, Map.of());
          Learner both = begin(backbone, Map.of("keys", true, "spread", "0.5"))) {
        assertThat(values.parameters().tensors().keySet())
            .isNotEmpty()
            .allMatch(n -> n.endsWith(".v"));
        assertThat(both.parameters().tensors().keySet())
            .hasSize(2 * values.parameters().tensors().size())
            .anyMatch(name -> name.endsWith(".k"));
        assertThat(farthestFromOne(values)).isBetween(1e-4, 0.01);
        assertThat(farthestFromOne(both)).isBetween(0.1, 0.5);
      }
      assertThatThrownBy(() -> begin(backbone, Map.of("key", true)))
          .isInstanceOf(ConfigException.class)
          .hasMessageContaining(
              "method.options.key is no option; known are [keys, spread, z-loss]");
    }
  }

  @Test
  void aBlockOfAnotherMethodIsRefused() {
    try (PointerScope scope = new PointerScope();
        Backbone backbone =
            Backbones.load(Fixtures.folder("t5-v10-tiny"), Placement.cpu(ComputeType.FLOAT32))) {
      LearntTask foreign = new LearntTask("one", Map.of(), Map.of(), List.of());
      MethodContext context = context(backbone, Map.of());
      assertThatThrownBy(() -> new TaskScale().restore(context, List.of(foreign), "one"))
          .isInstanceOf(InputException.class)
          .hasMessageContaining("block of task one: expected ")
          .hasMessageContaining(".v; it belongs to another model or method");
      assertThatThrownBy(() -> new TaskScale().restore(context, List.of(foreign), "two"))
          .isInstanceOf(InputException.class)
          .hasMessage("task-scale has not learnt the task two");
    }
  }

  private static double farthestFromOne(Learner learner) {
    return torch.abs(learner.parameters().values().sub(new Scalar(1.0))).max().item_double();
  }

  private static Learner begin(Backbone backbone, Map<String, Object> own) {
    return new TaskScale().begin(context(backbone, own), List.of(), "one", List.of());
  }

  private static MethodContext context(Backbone backbone, Map<String, Object> own) {
    Map<String, Object> values = new TreeMap<>();
    own.forEach((name, value) -> values.put("method.options." + name, value));
    return new MethodContext(backbone, Sections.of(values), 1);
  }

  private static List<String> blocks(String document, String language) {
    return Pattern.compile("(?s)```" + language + "\n(.*?)```")
        .matcher(document)
        .results()
        .map(match -> match.group(1))
        .toList();
  }
}
