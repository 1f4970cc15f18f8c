package org.dapt.compare;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.dapt.config.DaptConfig;
import org.dapt.error.ConfigException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which runs a file means, and what each is configured with. */
class ComparisonTest {
  private static final String BASE =
      """
      model.path = /model
      tasks { root = tasks, order = [a, b, c] }
      method.name = epi
      run.dir = elsewhere
      train.learning-rate = 1
      """;

  @TempDir private Path folder;

  @Test
  void everyMethodIsRunInEveryOrderSettingAndWithEverySeed() throws IOException {
    Comparison comparison =
        load(
            """
            compare {
              dir = out, methods = [seq-lora, dapt-lora], seeds = [1, 2]
              orders { one = [a, b], two = [b, a] }
              settings { short { train.epochs = 1 }, long { train.epochs = 9 } }
            }
            """);
    assertThat(comparison.runs()).hasSize(16);
    assertThat(comparison.runs().stream().map(Cell::name))
        .doesNotHaveDuplicates()
        .contains("seq-lora.two.long.seed2", "dapt-lora.one.short.seed1");
    DaptConfig config = config(comparison, "dapt-lora.two.long.seed2");
    assertThat(config.tasks().order()).containsExactly("b", "a");
    assertThat(config.run().seed()).isEqualTo(2);
    assertThat(config.train().epochs()).isEqualTo(9);
    assertThat(config.method().name()).isEqualTo("dapt-lora");
    assertThat(config.run().dir()).endsWith("/out/runs/dapt-lora.two.long.seed2");
    assertThat(config.run().data()).contains("/out/data/");
  }

  @Test
  void withoutOrdersSeedsAndSettingsThoseOfTheFileCount() throws IOException {
    Comparison comparison = load("compare { dir = out, methods = [epi] }", "run.seed=7");
    assertThat(comparison.runs().stream().map(Cell::name)).containsExactly("epi.main.base.seed7");
    Comparison fewer = load("compare { dir = out, methods = [epi] }", "tasks.order=[c,a]");
    assertThat(config(fewer, "epi.main.base.seed42").tasks().order()).containsExactly("c", "a");
  }

  @Test
  void ordersOfTheCommandLineAreAddedOrTakeThePlaceOfThoseOfTheFile() throws IOException {
    String compare = "compare { dir = out, methods = [epi], orders { a1 = [a, b], b1 = [b, a] } }";
    assertThat(load(compare, "compare.orders.c1=[c]").settings().orders()).hasSize(3);
    Comparison replaced = load(compare, "compare.orders={\"b1\": [\"c\", \"b\"]}");
    assertThat(replaced.settings().orders()).isEqualTo(Map.of("b1", List.of("c", "b")));
  }

  @Test
  void theNearestToTheRunGoesFirst() throws IOException {
    Files.createDirectories(folder.resolve("methods"));
    Files.writeString(
        folder.resolve("methods/o-lora.conf"),
        "method { name = o-lora, options.lambda1 = 2 }\ntrain { learning-rate = 2, epochs = 2 }");
    String settings =
        """
        settings { s {
          train.learning-rate = 3, train.epochs = 3, lora.r = 3
          methods { seq-lora { train.learning-rate = 5 } }
        } }
        overrides { o-lora.train.learning-rate = 4, seq-lora.train.learning-rate = 4 }
        """;
    String files = "method-files = methods\n";
    String compare = "compare { dir = out, methods = [o-lora, seq-lora, epi]\n" + files + settings;

    Comparison method = load(compare + "}");
    assertThat(rate(method, "epi")).isEqualTo(3);
    assertThat(rate(method, "o-lora")).isEqualTo(4);
    assertThat(rate(method, "seq-lora")).isEqualTo(5);
    assertThat(config(method, "o-lora.main.s.seed42").method().options())
        .containsEntry("lambda1", 2.0);
    assertThat(config(method, "seq-lora.main.s.seed42").lora().r()).isEqualTo(3);
    assertThat(rate(load(compare + "}", "train.learning-rate=6"), "seq-lora")).isEqualTo(6);
    assertThat(
            method
                .config(method.named("o-lora.main.s.seed42"), Map.of("train.learning-rate", "0.5"))
                .train()
                .learningRate())
        .isEqualTo(0.5);

    Comparison whole =
        load(
            "compare { dir = out, methods = [o-lora, epi]\n method-sections = [method, train]\n"
                + files
                + "}");
    assertThat(whole.config(whole.runs().get(0), Map.of()).train().learningRate()).isEqualTo(2);
    assertThat(whole.config(whole.runs().get(1), Map.of()).train().learningRate()).isEqualTo(1);
    // Without a folder it is what comes with dapt, wherever the file of the comparison lies.
    Comparison sources =
        load("compare { dir = out, methods = [o-lora, prog-prompt]\n method-sections = [train] }");
    assertThat(sources.config(sources.runs().get(0), Map.of()).train().learningRate())
        .isEqualTo(1e-3);
    assertThat(sources.config(sources.runs().get(1), Map.of()).train().epochs()).isEqualTo(10);
  }

  @Test
  void dataAreSharedByRunsThatArePreparedAlike() throws IOException {
    Comparison comparison =
        load(
            """
            compare {
              dir = out, methods = [epi, seq-lora]
              settings { s { train.epochs = 3 }, t { tasks.metric = exact-match }, u { tasks.max-train = 5 } }
            }
            """);
    String data = config(comparison, "epi.main.s.seed42").run().data();
    assertThat(config(comparison, "seq-lora.main.s.seed42").run().data()).isEqualTo(data);
    assertThat(config(comparison, "seq-lora.main.t.seed42").run().data()).isEqualTo(data);
    assertThat(config(comparison, "epi.main.u.seed42").run().data()).isNotEqualTo(data);
    // What is different for a task that the order has, and for one that it has not.
    String same = "compare { dir = out, methods = [epi] }";
    assertThat(dataOf(load(same, "tasks.overrides.a.max-test=3"))).isNotEqualTo(data);
    assertThat(dataOf(load(same, "tasks.overrides.a.epochs=3"))).isEqualTo(data);
    assertThat(dataOf(load(same, "tasks.overrides.\"later.1\".max-test=3"))).isEqualTo(data);
  }

  @Test
  void allCombinationsOfAGridAreTriedOnTheFirstTasksAndScoredOnDev() throws IOException {
    Comparison comparison =
        load(
            """
            compare {
              dir = out, methods = [epi, seq-lora], seeds = [5, 6]
              orders { one = [a, b, c], two = [b, a, c] }
              tune {
                tasks = 2, overrides.train.epochs = 1
                grid { epi { train.learning-rate = [0.1, 0.2, 0.3], method.options.ridge = [0, 1] } }
              }
            }
            """);
    assertThat(comparison.trials()).hasSize(6);
    assertThat(comparison.trials().stream().map(Cell::name)).doesNotHaveDuplicates();
    assertThat(comparison.trials().stream().map(trial -> trial.values().toString()))
        .contains("{method.options.ridge=1, train.learning-rate=0.2}");
    DaptConfig config = comparison.config(comparison.trials().get(5), Map.of());
    assertThat(config.tasks().order()).containsExactly("a", "b");
    assertThat(config.run().seed()).isEqualTo(5);
    assertThat(config.train().learningRate()).isEqualTo(0.3);
    assertThat(config.train().epochs()).isEqualTo(1);
    assertThat(config.evaluate().split().name()).isEqualTo("DEV");
    assertThat(config.run().dir()).contains("/out/tune/");
    assertThat(comparison.named(comparison.trials().get(3).name()).values())
        .isEqualTo(comparison.trials().get(3).values());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "methods = [epi]|compare.dir is not set",
        "dir = out|compare.methods is",
        "dir = out, methods = [epj]|no method; the nearest is epi",
        "dir = out, methods = [epi, epi]|each of them once",
        "dir = out, methods = [epi], seeds = [1, x]|whole numbers",
        "dir = out, methods = [epi], seeds = [1, 1]|each of them once",
        "dir = out, methods = [epi], settings { \"a b\" {} }|letters, digits",
        "dir = out, methods = [epi], settings { a = 1 }|expected a section",
        "dir = out, methods = [epi], orders { one = [] }|has no tasks",
        "dir = out, methods = [epi], overrides { ep {} }|no method; the nearest is epi",
        "dir = out, methods = [epi], overrides { epi.train.epochz = 1 }|train.epochz is not a key",
        "dir = out, methods = [epi], overrides { epi.tasks.order = [a] }|state compare.orders",
        "dir = out, methods = [epi], settings { s { run.seed = 1 } }|state compare.seeds",
        "dir = out, methods = [epi], settings { s.methods.epi.run.dir = x }|state compare.dir",
        "dir = out, methods = [epi], tune.overrides.method.name = o-lora|state compare.methods",
        "dir = out, methods = [epi], tune.grid.epi.evaluate.split = [test]|scored on dev sets",
        "dir = out, methods = [epi], settings { a { methods { x {} } } }|no method",
        "dir = out, methods = [epi], settings { a { methods = 5 } }|expected a section of methods",
        "dir = out, methods = [epi], settings { a { methods { epi = 5 } } }|compare.settings.a.methods.epi is a value",
        "dir = out, methods = [epi], method-files = nowhere|a folder of this machine",
        "dir = out, methods = [epi], method-sections = [methd]|some of attention",
        "dir = out, methods = [epi], seeds = [4.5, x]|a list of whole numbers",
        "dir = out, methods = [epi], tune { tasks = 1, grid { epi.train.learning-rate = [1e-3, 0.001] } }|a value twice",
        "dir = out, methods = [epi], parallel = 0|a whole number from 1",
        "dir = out, methods = [epi], methodz = 1|compare.methodz is not a key",
        "dir = out, methods = [epi], tune { tasks = 1 }|compare.tune.grid is empty",
        "dir = out, methods = [epi], tune { tasks = 1, grid { epi.train.epochs = 1 } }|no list of values",
        "dir = out, methods = [epi], tune { tasks = 1, grid { epi.train.epochs = [0] } }|train.epochs is 0"
      })
  void whatIsWrongIsSaidBeforeAnythingRuns(String section, String message) {
    assertThatThrownBy(() -> load("compare { " + section + " }"))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining(message);
  }

  @Test
  void whatEachRunHasOfItsOwnIsNotTakenFromTheCommandLine() {
    Map<String, String> instead =
        Map.of(
            "run.dir=x", "compare.dir",
            "run.data=x", "compare.dir",
            "method.name=epi", "compare.methods",
            "run={dir=x}", "compare.dir",
            "run={seed=3}", "compare.seeds");
    instead.forEach(
        (own, stated) ->
            assertThatThrownBy(() -> load("compare { dir = out, methods = [epi] }", own))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("state " + stated));
    String stated = "compare { dir = out, methods = [epi], seeds = [1], orders { one = [a] } }";
    assertThatThrownBy(() -> load(stated, "run.seed=3")).hasMessageContaining("-D compare.seeds");
    assertThatThrownBy(() -> load(stated, "tasks.order=[a]"))
        .hasMessageContaining("-D compare.orders");
  }

  @Test
  void nothingIsTriedInVain() throws IOException {
    String tune =
        "compare { dir = out, methods = [epi]\n"
            + "tune { tasks = 1, grid { epi.train.learning-rate = [1, 2] } } }";
    for (String above :
        List.of("train.learning-rate=3", "train={learning-rate=3}", "evaluate.split=test")) {
      assertThatThrownBy(() -> load(tune, above))
          .isInstanceOf(ConfigException.class)
          .hasMessageContaining("compare.tune");
      load(tune, above, "compare.tune.tasks=0");
    }
    load(tune, "train.epochs=3", "evaluate={max-new-tokens=3}");
  }

  @Test
  void chosenSettingsAreThoseWithTheBestScore() {
    Choice choice =
        new Choice(
            Stream.of(tried("a", null), tried("b", 40.0), tried("c", 60.0), tried("d", 60.0))
                .toList());
    assertThat(choice.best().orElseThrow().run()).isEqualTo("c");
    assertThat(new Choice(List.of(tried("a", null))).best()).isEmpty();
  }

  private static Choice.Tried tried(String run, Double score) {
    return new Choice.Tried(run, new java.util.TreeMap<>(), score, null, null);
  }

  private double rate(Comparison comparison, String method) {
    return config(comparison, method + ".main.s.seed42").train().learningRate();
  }

  private static String dataOf(Comparison comparison) {
    return config(comparison, "epi.main.base.seed42").run().data();
  }

  private static DaptConfig config(Comparison comparison, String name) {
    return comparison.config(comparison.named(name), Map.of());
  }

  private Comparison load(String compare, String... overrides) throws IOException {
    Path file = Files.writeString(folder.resolve("c.conf"), BASE + compare);
    return Comparison.load(file, List.of(overrides));
  }
}
