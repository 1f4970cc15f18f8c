package org.dapt.cli;

import com.fasterxml.jackson.databind.json.JsonMapper;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import org.dapt.app.Application;
import org.dapt.bank.Realigned;
import org.dapt.job.Session;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code dapt realign}. */
@Command(
    name = "realign",
    mixinStandardHelpOptions = true,
    description = {
      "Fits again what chooses among a run's blocks.",
      "Keys and query network are fitted to the replayed inputs of all learnt tasks; blocks and"
          + " language model stay as they are. Evaluate afterwards."
    },
    footer = {"", "Example:", "  dapt realign --run runs/both", "  dapt evaluate --run runs/both"})
final class RealignCommand implements Callable<Integer> {
  @Mixin private RunOptions run;

  @Mixin private TextFormat format;

  @Override
  public Integer call() throws Exception {
    boolean json = format.isJson();
    Application application = run.application();
    try (Session session = application.session()) {
      Realigned realigned = application.bank().realign(session);
      System.out.print(json ? json(realigned) : text(realigned));
    }
    return 0;
  }

  static String text(Realigned realigned) {
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

  private static String json(Realigned realigned) throws Exception {
    Map<String, Object> object = new LinkedHashMap<>();
    object.put("format", "1");
    object.put("engine", realigned.engine());
    object.put("skipped", realigned.skipped());
    object.put("rows", realigned.rows());
    object.put("loss_before", realigned.before());
    object.put("loss_after", realigned.after());
    object.put(
        "tasks",
        realigned.tasks().stream()
            .map(
                task -> {
                  Map<String, Object> of = new LinkedHashMap<>();
                  of.put("task", task.task());
                  of.put("inputs", task.inputs());
                  of.put("chosen_before", task.chosenBefore());
                  of.put("chosen_after", task.chosenAfter());
                  return of;
                })
            .toList());
    return JsonMapper.builder().build().writerWithDefaultPrettyPrinter().writeValueAsString(object)
        + System.lineSeparator();
  }
}
