package org.dapt.cli;

import java.util.List;
import java.util.concurrent.Callable;
import org.dapt.app.Application;
import org.dapt.app.DryRun;
import org.dapt.config.DaptConfig;
import org.dapt.job.Session;
import org.dapt.report.JsonReport;
import org.dapt.report.UnseenText;
import org.dapt.score.UnseenScores;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code dapt evaluate}. */
@Command(
    name = "evaluate",
    mixinStandardHelpOptions = true,
    description = {
      "Evaluates every task learnt so far.",
      "With --unseen those of a folder that are never learnt, by category."
    },
    footer = {
      "",
      "Example:",
      "  dapt evaluate --run runs/quickstart --step 2",
      "  dapt evaluate --run runs/quickstart --unseen others"
    })
final class EvaluateCommand implements Callable<Integer> {
  @Mixin private ConfigOptions options;

  @Mixin private DryRunOption dryRun;

  @Mixin private TextFormat format;

  @Option(
      names = "--step",
      paramLabel = "N",
      description = "After how many learnt tasks; after all of them where it is not given.")
  private Integer step;

  @Option(
      names = "--unseen",
      paramLabel = "FOLDER",
      arity = "0..1",
      fallbackValue = "",
      description =
          "A folder of tasks that are not learnt; evaluate.unseen where no folder is given. Prints"
              + " how they fared.")
  private String unseen;

  @Override
  public Integer call() throws Exception {
    return unseen == null ? evaluateLearnt() : evaluateUnseen();
  }

  private int evaluateUnseen() throws Exception {
    boolean json = format.isJson();
    DaptConfig config =
        options.config(unseen.isEmpty() ? List.of() : List.of("evaluate.unseen=" + unseen));
    if (dryRun.isSet()) {
      return DryRunOption.print(new DryRun(config).evaluateUnseen(step), json);
    }
    Application application = Application.ofExisting(config);
    try (Session session = application.session()) {
      UnseenScores scores = application.evaluateUnseen(session, step);
      System.out.print(json ? JsonReport.of(scores) : UnseenText.of(scores));
    }
    return 0;
  }

  private int evaluateLearnt() throws Exception {
    boolean json = format.isJson();
    if (dryRun.isSet()) {
      return DryRunOption.print(new DryRun(options.config()).evaluate(step), json);
    }
    Application application = options.application();
    try (Session session = application.session()) {
      application.evaluate(session, step);
    }
    return 0;
  }
}
