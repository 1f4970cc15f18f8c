package org.dapt.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.UncheckedIOException;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import org.dapt.bank.ForgetPlan;
import org.dapt.bank.Forgotten;
import org.dapt.bank.Merged;
import org.dapt.bank.Realigned;

/** What was done with the blocks of a run, for people and for programs. */
final class BankText {
  private static final JsonMapper JSON = JsonMapper.builder().build();

  private BankText() {}

  static String of(Realigned realigned) {
    StringBuilder text =
        new StringBuilder(
            String.format(
                Locale.ROOT,
                "%s by engine %s: mean divergence of a task %.4f before, %.4f after, on %d replayed inputs%n%n",
                realigned.skipped() ? "Realigned already" : "Realigned",
                realigned.engine(),
                realigned.before(),
                realigned.after(),
                realigned.rows()));
    int width = realigned.tasks().stream().mapToInt(task -> task.task().length()).max().orElse(4);
    text.append(
        String.format(
            Locale.ROOT,
            "%-" + width + "s  Inputs  Own block chosen, %%: before  after%n",
            "Task"));
    for (Realigned.Task task : realigned.tasks()) {
      text.append(
          String.format(
              Locale.ROOT,
              "%-" + width + "s  %6d  %27s  %5s%n",
              task.task(),
              task.inputs(),
              share(task.chosenBefore()),
              share(task.chosenAfter())));
    }
    return text.toString();
  }

  private static String share(Double share) {
    return share == null ? "–" : String.format(Locale.ROOT, "%.1f", share);
  }

  static String json(Realigned realigned) {
    Map<String, Object> object = start();
    object.putAll(map(realigned));
    return json(object);
  }

  private static Map<String, Object> map(Realigned realigned) {
    Map<String, Object> object = realigned.toMap();
    object.put("skipped", realigned.skipped());
    return object;
  }

  /**
   * What was merged, and what to do next.
   *
   * @param shown the directory of the new run as the user named it
   */
  static String of(Merged merged, String shown) {
    int width = merged.tasks().stream().mapToInt(task -> task.task().length()).max().orElse(0);
    StringBuilder text =
        new StringBuilder(
            String.format("Merged %d tasks into %s:%n", merged.tasks().size(), merged.run()));
    for (Merged.Task task : merged.tasks()) {
      text.append(String.format("  %-" + width + "s  from %s%n", task.task(), task.from()));
    }
    text.append(String.format("Next:%n"));
    if (merged.needsRealign()) {
      text.append(String.format("  dapt realign --run %s%n", shown));
    }
    return text.append(String.format("  dapt evaluate --run %s%n", shown)).toString();
  }

  static String json(Merged merged) {
    Map<String, Object> object = start();
    object.put("run", merged.run());
    object.put(
        "tasks",
        merged.tasks().stream()
            .map(task -> Map.of("task", task.task(), "from", task.from()))
            .toList());
    return json(object);
  }

  static String of(Forgotten forgotten) {
    StringBuilder text =
        new StringBuilder(
            String.format(
                "Forgot %s in %s. Left are %s.%n",
                forgotten.task(), forgotten.run(), String.join(", ", forgotten.left())));
    if (forgotten.sharedData() != null) {
      text.append(
          String.format(
              "Its prepared data in %s are shared with other runs and still there: delete the folder where none needs it.%n",
              forgotten.sharedData()));
    }
    return forgotten.realigned() == null
        ? text.toString()
        : text.append(of(forgotten.realigned())).toString();
  }

  static String json(Forgotten forgotten) {
    Map<String, Object> object = start();
    object.put("run", forgotten.run());
    object.put("forgotten", forgotten.task());
    object.put("left", forgotten.left());
    object.put("shared_data", forgotten.sharedData());
    object.put("realigned", forgotten.realigned() == null ? null : map(forgotten.realigned()));
    return json(object);
  }

  /** What would be forgotten. */
  static String planned(String run, String task, ForgetPlan plan) {
    String text =
        String.format(
            "Dry run: nothing is changed.%n%s would be taken out of %s. Left would be %s.%n",
            task, run, String.join(", ", plan.left()));
    return plan.lost().isEmpty()
        ? text
        : text
            + String.format(
                "Besides what is of the task itself these folders would be deleted: %s.%n",
                String.join(", ", plan.lost()));
  }

  /** What would be forgotten, as a document. */
  static String jsonOfPlan(String run, String task, ForgetPlan plan) {
    Map<String, Object> object = start();
    object.put("run", run);
    object.put("would_forget", task);
    object.put("left", plan.left());
    object.put("deleted", plan.lost());
    return json(object);
  }

  private static Map<String, Object> start() {
    Map<String, Object> object = new LinkedHashMap<>();
    object.put("format", "1");
    return object;
  }

  private static String json(Map<String, Object> object) {
    try {
      return JSON.writerWithDefaultPrettyPrinter().writeValueAsString(object)
          + System.lineSeparator();
    } catch (JsonProcessingException e) {
      throw new UncheckedIOException(e);
    }
  }
}
