package org.dapt.compare.outcome;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.dapt.compare.Cell;
import org.dapt.compare.Choice;
import org.dapt.compare.Places;
import org.dapt.gang.TestSpark;
import org.dapt.metric.PairedBootstrap.Difference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An outcome as files, also where texts in it are hostile. */
class OutcomeFilesTest {
  private static final String HOSTILE = "<script>alert(1)</script> | **a**, \"b\"\n- c";

  private static final SortedMap<UnseenCategory, Double> UNSEEN =
      new TreeMap<>(
          Map.of(
              new UnseenCategory("others", UnseenCategory.ALL), 30.0,
              new UnseenCategory("others", HOSTILE), 20.0));

  @TempDir private Path folder;

  @Test
  void methodsAreGroupedOverSeedsAndOrders() {
    List<MethodFigures> methods = outcome().methods();
    assertThat(methods.stream().map(one -> one.order() + "/" + one.method()))
        .containsExactly("one/single-task", "one/epi", "two/epi", "(all)/epi");
    List<String> lacking = MethodFigures.lacking(outcome().runs());
    assertThat(lacking).hasSize(2);
    assertThat(lacking.get(0)).contains("single-task (no run of two)").doesNotContain("epi");
    // Its mean over both is more of the first.
    assertThat(lacking.get(1)).contains("epi (seeds 1 2 of one, 1 of two)", "do not weigh");
    MethodFigures epi = methods.get(1);
    assertThat(epi.runs()).isEqualTo(2);
    assertThat(epi.measures().get(Measure.AP).mean()).isEqualTo(60);
    assertThat(epi.measures().get(Measure.AP).deviation()).hasValue(Math.sqrt(2));
    // One of its runs does not have it.
    assertThat(epi.measures()).doesNotContainKey(Measure.FWT);
    assertThat(methods.get(0).needsTask()).isTrue();
    assertThat(methods.get(3).runs()).isEqualTo(3);
  }

  @Test
  void hostileTextsStandForThemselves() throws Exception {
    FileSystem files = FileSystem.getLocal(new Configuration()).getRawFileSystem();
    new OutcomeFiles(outcome())
        .write(
            TestSpark.session(), files, new Places(new org.apache.hadoop.fs.Path(folder.toUri())));
    Path outcome = folder.resolve("outcome");
    String html = Files.readString(outcome.resolve("comparison.html"));
    assertThat(html)
        .contains(
            "&lt;script&gt;alert(1)&lt;/script&gt;", "script-src &#39;none&#39;", "<b>70.00</b>")
        .doesNotContain("<script");
    String markdown = Files.readString(outcome.resolve("comparison.md"));
    assertThat(markdown)
        .contains("\\<script\\>alert(1)\\</script\\> \\| \\*\\*a\\*\\*, \"b\" - c")
        .contains("| single-task | 1     | **70.00**    |", "60.00 ± 1.41", "| +10.00     |")
        .contains("4 of 5 runs are done", "A note\\*")
        .contains("Scores of order one of setting base are exact-match.")
        .contains("Scores of order two of setting base are rouge-l.")
        .containsPattern("\\(all\\): mean ± deviation over runs .*\\n\\n\\| Method +\\| Runs")
        // Of a method all of whose runs have it, the categories first.
        .contains("ROUGE-L on the unseen tasks of others, setting base, order two")
        .containsPattern("\\| Method +\\| Seeds \\| \\\\<script.* \\| All tasks")
        .contains("| single-task | 1     | **20.00**", "| **30.00** |");
    assertThat(Files.readString(outcome.resolve("unseen.csv")))
        .startsWith("setting,order,method,runs,set,category,rouge_l_mean,rouge_l_sd")
        .contains("base,one,single-task,1,others,(all),30.0,\n")
        .doesNotContain("base,one,epi");
    // As a mean over seeds, and none of what one of them lacks.
    String task = "\"" + HOSTILE.replace("\"", "\"\"") + "\"";
    assertThat(Files.readString(outcome.resolve("tasks.csv")))
        .startsWith("setting,order,method,runs,task,learnt_mean,learnt_sd,last_mean,last_sd\n")
        .contains("base,one,epi,2," + task + ",,,51.5," + Math.sqrt(0.5) + "\n")
        .contains("base,one,single-task,1," + task + ",,,51.0,\n");
    assertThat(html).contains("Scores on each task after the last, setting base, order one");
    assertThat(markdown.lines().filter(line -> line.startsWith("| ")))
        .allSatisfy(line -> assertThat(line).endsWith(" |"));
    assertThat(Files.readString(outcome.resolve("runs.csv")))
        .startsWith("run,setting,order,method,seed,state,samples,run_dir,ap,")
        .contains("\"refused: <script>alert(1)</script> | **a**, \"\"b\"\"\n- c\"");
    assertThat(
            TestSpark.session()
                .read()
                .parquet(outcome.resolve("pairs.parquet").toString())
                .collectAsList()
                .get(0)
                .<Double>getAs("difference"))
        .isEqualTo(10);
    JsonNode json = JsonMapper.builder().build().readTree(new OutcomeFiles(outcome()).json());
    assertThat(json.get("runs")).hasSize(5);
    assertThat(json.get("runs").get(4).get("ap").isNull()).isTrue();
    assertThat(json.get("tuning").get(0).get("chosen").booleanValue()).isTrue();
  }

  @Test
  void textsHaveThePairsOfTheBestAndFilesHaveAll() {
    Outcome outcome =
        outcome(
            new Pair(
                "base",
                "one",
                Measure.AP,
                "epi",
                "single-task",
                1,
                9,
                new Difference(-10, -16, -4, 0.01)),
            new Pair(
                "base",
                "one",
                Measure.AP,
                "epi",
                "seq-lora",
                1,
                9,
                new Difference(30, 20, 40, 0.01)),
            new Pair(
                "base",
                "one",
                Measure.AP,
                "single-task",
                "seq-lora",
                1,
                9,
                new Difference(40, 30, 50, 0.01)),
            new Pair(
                "base",
                "one",
                Measure.UNSEEN,
                "single-task",
                "epi",
                1,
                6,
                new Difference(-2, -5, 1, 0.2)));
    String markdown = new OutcomeFiles(outcome).markdown();
    assertThat(markdown)
        .contains("from the best in AP, setting base, order one", "all pairs in pairs.csv")
        .contains("from the best in Unseen ROUGE-L, setting base, order one");
    assertThat(markdown.lines().filter(line -> line.contains(" to ")).map(l -> l.replace(" ", "")))
        .containsExactly(
            "|single-task|epi|+10.00|+4.00to+16.00|0.0100|1|9|",
            "|single-task|seq-lora|+40.00|+30.00to+50.00|0.0100|1|9|",
            // The best on unseen tasks need not be the one with the best AP.
            "|epi|single-task|+2.00|-1.00to+5.00|0.2000|1|6|");
    assertThat(ShownPairs.all(outcome).stream().map(table -> table.rows().size()))
        .containsExactly(3, 1);
  }

  private static Outcome outcome() {
    return outcome(
        new Pair(
            "base",
            "one",
            Measure.AP,
            "single-task",
            "epi",
            1,
            9,
            new Difference(10, 4, 16, 0.01)));
  }

  private static Outcome outcome(Pair... pairs) {
    List<RunFigures> runs =
        List.of(
            run(
                "single-task",
                "one",
                1,
                "done",
                Map.of(Measure.AP, 70.0, Measure.FWT, 0.0, Measure.UNSEEN, 28.0)),
            run(
                "epi",
                "one",
                1,
                "done",
                Map.of(Measure.AP, 59.0, Measure.FWT, -1.0, Measure.UNSEEN, 29.0)),
            run("epi", "one", 2, "done", Map.of(Measure.AP, 61.0, Measure.UNSEEN, 31.0)),
            run("epi", "two", 1, "done", Map.of(Measure.AP, 50.0, Measure.STEPS, 12.0)),
            run("epi", "two", 2, "refused: " + HOSTILE, Map.of()));
    TreeMap<String, String> values = new TreeMap<>(Map.of("tasks.template", HOSTILE));
    return new Outcome(
        runs,
        MethodFigures.of(runs),
        List.of(pairs),
        Map.of("epi.base", new Choice(List.of(new Choice.Tried("t", values, 50.0, null, null)))),
        List.of("A note*"));
  }

  private static RunFigures run(
      String method, String order, long seed, String state, Map<Measure, Double> measures) {
    Map<Measure, Double> all = new EnumMap<>(Measure.class);
    all.putAll(measures);
    Cell cell = new Cell(method, order, List.of("a"), "base", seed, new TreeMap<>(), null);
    return new RunFigures(
        cell,
        "/runs/" + method,
        state,
        "none",
        all,
        order.equals("two") ? "rouge-l" : "exact-match",
        Map.of(HOSTILE, new TaskScores(seed == 1 ? null : 75.0, 50.0 + seed)),
        seed == 1 ? UNSEEN : new TreeMap<>());
  }
}
