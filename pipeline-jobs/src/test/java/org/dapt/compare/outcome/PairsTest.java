package org.dapt.compare.outcome;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.dapt.app.TestRun;
import org.dapt.compare.Cell;
import org.dapt.compare.CellConfigs;
import org.dapt.compare.Comparison;
import org.dapt.compare.outcome.ExampleScores.Scored;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which methods are compared, and on what. */
class PairsTest {
  @TempDir private Path folder;

  private final Map<Cell, ExampleScores> answered = new LinkedHashMap<>();
  private final List<String> notes = new ArrayList<>();
  private CellConfigs configs;

  @BeforeEach
  void comparison() throws Exception {
    TestRun.in(folder, List.of("colour"), "compare { dir = out, methods = [epi, replay] }");
    configs = CellConfigs.of(Comparison.load(folder.resolve("run.conf"), List.of()));
  }

  @Test
  void methodsThatAnsweredOtherExamplesAreNamed() {
    answered("epi", "one", 1, scores("rouge_l 7", 50, 60));
    answered("replay", "one", 1, scores("rouge_l 7", 50));
    assertThat(pairs()).isEmpty();
    assertThat(notes)
        .singleElement()
        .asString()
        .contains(
            "setting base, order one", "difference in AP", "epi and replay", "other test examples");
  }

  @Test
  void placesInASplitAreNoExamples() {
    // As many were drawn, or written into the file since, but they are others.
    answered("epi", "one", 1, scores("rouge_l 7", 50, 60));
    answered("replay", "one", 1, scores("rouge_l 8", 50, 60));
    answered("o-lora", "one", 1, scores("exact_match 7", 50, 60));
    assertThat(pairs()).isEmpty();
    assertThat(notes).singleElement().asString().contains("epi and replay; epi and o-lora; ");
  }

  @Test
  void ordersOfTheSameTasksAreAlsoComparedTogether() {
    for (String order : List.of("one", "two")) {
      answered("epi", order, 1, scores("rouge_l 7", 50, order.equals("one") ? 70 : 90));
      answered("replay", order, 1, scores("rouge_l 7", 50, 60));
      answered("replay", order, 2, scores("rouge_l 7", 0, 0));
    }
    answered("o-lora", "one", 1, scores("rouge_l 7", 0, 0));
    List<Pair> all =
        pairs().stream().filter(pair -> pair.order().equals(MethodFigures.ALL_ORDERS)).toList();
    assertThat(all)
        .singleElement()
        .satisfies(
            pair -> {
              assertThat(pair.first() + " " + pair.second()).isEqualTo("epi replay");
              assertThat(pair.seeds()).isEqualTo(2);
              assertThat(pair.examples()).isEqualTo(2);
              assertThat(pair.difference().difference()).isEqualTo(10);
              // Of two examples that differ by 0 and 20 as many as a resample may have.
              assertThat(pair.difference().low()).isZero();
              assertThat(pair.difference().high()).isEqualTo(20);
            });
    assertThat(notes).isEmpty();

    // More of one order than of the other is no mean over orders.
    answered("epi", "one", 2, scores("rouge_l 7", 50, 60));
    assertThat(pairs()).noneMatch(pair -> pair.order().equals(MethodFigures.ALL_ORDERS));
  }

  @Test
  void ordersOfOtherTasksAreNotComparedTogether() {
    for (String method : List.of("epi", "replay")) {
      answered(method, "one", 1, scores("rouge_l 7", 50, 60));
      Cell other = new Cell(method, "two", List.of("b"), "base", 1, new TreeMap<>(), null);
      answered.put(other, scores("rouge_l 7", 50, 60));
    }
    assertThat(pairs()).extracting(Pair::order).containsExactly("one", "two");
  }

  private List<Pair> pairs() {
    notes.clear();
    List<Pair> pairs = new ArrayList<>();
    Pairs of = new Pairs(null, configs);
    Pairs.groups(Measure.AP, answered).forEach(group -> pairs.addAll(of.among(group, notes)));
    return pairs;
  }

  private void answered(String method, String order, long seed, ExampleScores scores) {
    answered.put(
        new Cell(method, order, List.of("a"), "base", seed, new TreeMap<>(), null), scores);
  }

  private static ExampleScores scores(String what, double... values) {
    SortedMap<Long, Scored> scores = new TreeMap<>();
    for (int i = 0; i < values.length; i++) {
      scores.put((long) i, new Scored(what + i, values[i]));
    }
    return new ExampleScores(Map.of("a", scores));
  }
}
