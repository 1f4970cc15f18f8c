package org.dapt.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.dapt.io.ModelFolder;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** The configurations of benchmarks and models, which are put together by include. */
class BenchmarkFilesTest {
  private static final Path CONF = Path.of(System.getProperty("dapt.home"), "conf");
  private static final List<String> ORDERS =
      List.of("superni-order1", "superni-order2", "long-order1", "long-order2");
  private static final List<String> MODELS =
      List.of("t5-large", "t5-3b", "t5-11b", "llama-2-7b", "llama-2-13b", "smollm2-135m");

  @TempDir private Path folder;

  private static Stream<Arguments> combinations() {
    return ORDERS.stream()
        .flatMap(order -> MODELS.stream().map(model -> Arguments.of(order, model)));
  }

  private DaptConfig config(String first, String second, String more) {
    String content =
        "run.dir = run\ninclude \"%s\"\ninclude \"%s\"\n%s"
            .formatted(CONF.resolve(first), CONF.resolve(second), more);
    return ConfigLoader.load(Configs.write(folder, "dapt.conf", content), List.of());
  }

  private DaptConfig of(String order, String model, String more) {
    return config("benchmarks/" + order + ".conf", "models/" + model + ".conf", more);
  }

  @ParameterizedTest
  @MethodSource("combinations")
  void everyBenchmarkGoesWithEveryModel(String order, String model) {
    DaptConfig config = of(order, model, "");
    assertThat(config.tasks().order()).hasSize(15).doesNotHaveDuplicates();
    assertThat(config.tasks().root()).startsWith(CONF.resolveSibling("data").toString());
    assertThat(config.model().path()).endsWith("/models/" + model);
    assertThat(config.tasks().overrides().keySet()).isSubsetOf(config.tasks().order());
    assertThat(config.effective()).doesNotContain("definitions");
    try (ModelFolder shape = ModelFolder.withoutWeights(Path.of(config.model().shape()))) {
      assertThat(shape.config().path("model_type").asText())
          .isEqualTo(model.startsWith("t5") ? "t5" : "llama");
    }
    // In the other order, too, and what the file itself states goes before both.
    DaptConfig turned =
        config("models/" + model + ".conf", "benchmarks/" + order + ".conf", "train.epochs = 3");
    assertThat(turned.train().epochs()).isEqualTo(3);
    assertThat(turned.train().learningRate()).isEqualTo(config.train().learningRate());
    assertThat(turned.reflection()).isEqualTo(config.reflection());
    assertThat(turned.lora()).isEqualTo(config.lora());
  }

  /** As the code of the paper has them. */
  @ParameterizedTest
  @CsvSource({
    "superni-order1, t5-large, 4, 100, 3e-4, 512, 0.5",
    "superni-order2, llama-2-7b, 4, 50, 5e-5, 1024, 1",
    "long-order1, t5-3b, 8, 10, 3e-4, 512, 0.1",
    "long-order2, llama-2-13b, 4, 20, 5e-5, 1024, 2"
  })
  void settingsAreThePublishedOnes(
      String order, String model, int r, int epochs, double rate, int source, double lambda) {
    DaptConfig config = of(order, model, "");
    assertThat(config.lora().r()).isEqualTo(r);
    assertThat(config.lora().alpha()).isEqualTo(32);
    assertThat(config.train().epochs()).isEqualTo(epochs);
    assertThat(config.train().learningRate()).isEqualTo(rate);
    assertThat(config.train().globalBatch()).isEqualTo(32);
    assertThat(config.train().select()).isEqualTo(SelectedParameters.BEST_DEV);
    assertThat(config.tasks().maxSourceTokens()).isEqualTo(source);
    assertThat(config.tasks().maxTargetTokens()).isEqualTo(50);
    assertThat(config.reflection().lambda()).isEqualTo(lambda);
    assertThat(config.reflection().source()).isEqualTo(ReflectionSource.GIVEN);
    boolean steps = order.startsWith("long") && model.startsWith("llama");
    assertThat(config.forTask("copa").train().maxSteps()).isEqualTo(steps ? 200 : 0);
  }

  /** What is fetched for a benchmark is what its orders learn. */
  @Test
  void theListOfDataHasTheTasksOfTheOrders() throws IOException {
    Map<String, TreeSet<String>> files =
        Files.readAllLines(CONF.resolve("benchmarks/data.tsv")).stream()
            .skip(1)
            .map(line -> line.split("\t"))
            .collect(
                Collectors.groupingBy(
                    row -> row[0],
                    Collectors.mapping(row -> row[1], Collectors.toCollection(TreeSet::new))));
    Map<String, String> sets =
        Map.of(
            "superni-order1", "superni",
            "superni-order2", "superni",
            "long-order1", "long-sequence",
            "long-order2", "long-sequence");
    sets.forEach(
        (order, set) -> {
          for (String model : List.of("t5-large", "llama-2-7b")) {
            DaptConfig config = of(order, model, "");
            assertThat(config.tasks().root()).endsWith("/" + set);
            for (String task : config.tasks().order()) {
              assertThat(files.get(set)).contains(task + "/train.json", task + "/test.json");
              assertThat(files.get(Path.of(config.reflection().given()).getFileName().toString()))
                  .contains(task + "/train.json");
            }
          }
        });
  }

  /** With the data that are fetched; the categories of the others are in their files. */
  @Test
  void unseenTasksGoWithEveryOrderAndAreNoneOfIt() throws IOException {
    List<String> fetched =
        Files.readAllLines(CONF.resolve("benchmarks/data.tsv")).stream()
            .map(line -> line.split("\t"))
            .filter(row -> row[0].equals("superni-unseen"))
            .map(row -> row[1].replace("/test.json", ""))
            .toList();
    assertThat(fetched).hasSize(15);
    for (String order : ORDERS) {
      DaptConfig plain = of(order, "t5-large", "");
      DaptConfig config =
          of(order, "t5-large", "include \"%s\"".formatted(CONF.resolve("benchmarks/unseen.conf")));
      assertThat(config.evaluate().unseen()).endsWith("/data/superni-unseen");
      assertThat(config.evaluate().categories().keySet()).hasSize(2).isSubsetOf(fetched);
      assertThat(config.tasks().order()).doesNotContainAnyElementsOf(fetched);
      assertThat(config.hash()).isEqualTo(plain.hash());
    }
  }

  @Test
  void definitionsAreForSubstitutionsAlone() {
    DaptConfig config =
        Configs.inFile(
            folder,
            "definitions.steps { train.max-steps = 7 }\ntrain = ${definitions.steps.train}");
    assertThat(config.train().maxSteps()).isEqualTo(7);
    assertThat(config.hash()).isEqualTo(Configs.inFile(folder, "train.max-steps = 7").hash());
  }
}
