package org.dapt.report;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;
import java.util.stream.Collectors;
import org.dapt.metric.AttentionMapText;
import org.dapt.score.ScoreRow;
import org.dapt.score.UnseenScores;

/** How unseen tasks fared, by category, as text for a terminal. */
public final class UnseenText {
  private UnseenText() {}

  /** The scores of {@code unseen} and the mixtures that answered, in lines that end with \n. */
  public static String of(UnseenScores unseen) {
    List<String> metrics = metrics(unseen);
    List<String> tasks = unseen.tasks();
    StringBuilder text =
        new StringBuilder(
            "Unseen tasks of %s after %d learnt: scores in per cent%n%n"
                .formatted(unseen.set(), unseen.step()));
    text.append(line(metrics.stream().map(UnseenText::title).toList(), "Examples", "Category"));
    for (UnseenScores.Category category : unseen.categories()) {
      text.append(line(unseen, category.tasks(), metrics, category.name()));
      for (String task : category.tasks()) {
        text.append(
            line(
                unseen,
                List.of(task),
                metrics,
                "  u%d  %s".formatted(tasks.indexOf(task) + 1, task)));
      }
    }
    text.append(line(unseen, tasks, metrics, "Mean of all %d tasks".formatted(tasks.size())));
    if (!unseen.meanAttention().isEmpty()) {
      text.append('\n')
          .append(
              AttentionMapText.render(
                  "Mean attention weight of each block (columns) on the inputs of each unseen task"
                      + " (rows)",
                  "u",
                  unseen.learnt(),
                  weights(unseen)));
    }
    return text.toString();
  }

  /** {@code [tasks, blocks]}, in the order of the tasks. */
  static double[][] weights(UnseenScores unseen) {
    return unseen.tasks().stream()
        .map(
            task ->
                unseen.meanAttention().get(task).stream()
                    .mapToDouble(Double::doubleValue)
                    .toArray())
        .toArray(double[][]::new);
  }

  /** The metrics that there are scores of, in their order. */
  static List<String> metrics(UnseenScores unseen) {
    return ScoreRow.METRICS.stream().filter(unseen::has).toList();
  }

  /** A metric as a heading. */
  static String title(String metric) {
    if (metric.equals(ScoreRow.ROUGE_L)) {
      return "ROUGE-L";
    }
    String words = metric.replace('-', ' ').replace("rouge l", "ROUGE-L");
    return words.substring(0, 1).toUpperCase(Locale.ROOT) + words.substring(1);
  }

  private static String line(
      UnseenScores unseen, List<String> tasks, List<String> metrics, String what) {
    List<String> values = new ArrayList<>();
    for (String metric : metrics) {
      OptionalDouble mean = unseen.mean(tasks, metric);
      values.add(mean.isPresent() ? Numbers.text("%.2f", mean.getAsDouble()) : "–");
    }
    long examples = tasks.stream().mapToLong(unseen::examples).sum();
    return line(values, Long.toString(examples), what);
  }

  private static String line(List<String> values, String examples, String what) {
    return "%s%10s  %s%n"
        .formatted(
            values.stream().map("%15s"::formatted).collect(Collectors.joining()), examples, what);
  }
}
