package org.dapt.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.apache.spark.sql.SparkSession;
import org.dapt.app.Application;
import org.dapt.compare.Cell;
import org.dapt.compare.CellConfigs;
import org.dapt.compare.CellEnd;
import org.dapt.compare.CompareJob;
import org.dapt.compare.ComparePlan;
import org.dapt.compare.Comparison;
import org.dapt.compare.ParentProcess;
import org.dapt.compare.outcome.Outcome;
import org.dapt.compare.outcome.OutcomeFiles;
import org.dapt.compare.outcome.RunFigures;
import org.dapt.error.ConfigException;
import org.dapt.error.ExitCode;
import org.dapt.job.Session;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code dapt compare}. */
@Command(
    name = "compare",
    mixinStandardHelpOptions = true,
    description = {
      "Runs several methods on the same tasks, for one table of them.",
      "What is done already is skipped: the same command goes on where it stopped."
    },
    footer = {"", "Example:", "  dapt compare --config conf/compare-quickstart.conf"})
final class CompareCommand implements Callable<Integer>, CompareJob.CommandLine {
  private static final String CELL = "--cell";

  @Option(
      names = "--config",
      paramLabel = "FILE",
      required = true,
      description = "Configuration (HOCON) with a section compare.")
  private Path config;

  @Option(
      names = "-D",
      paramLabel = "KEY=VALUE",
      description = "Sets one key, above the file; may be repeated.")
  private List<String> overrides = new ArrayList<>();

  @Option(
      names = "--parallel",
      paramLabel = "N",
      description = "So many runs at once. Default: compare.parallel")
  private Integer parallel;

  @Option(
      names = CELL,
      paramLabel = "NAME",
      description = "Takes this one run alone, in this process.")
  private String cell;

  @Option(names = "--list", description = "Lists the runs with their folders; runs nothing.")
  private boolean list;

  @Option(names = "--tune-only", description = "Chooses settings and ends.")
  private boolean tuneOnly;

  @Option(names = "--report-only", description = "Makes the table again; runs nothing.")
  private boolean reportOnly;

  @Mixin private DryRunOption dryRun;

  @Mixin private TextFormat format;

  @Override
  public Integer call() throws Exception {
    boolean json = format.isJson();
    requireOneWay();
    Comparison comparison = Comparison.load(config, overrides);
    if (list) {
      System.out.print(CompareText.list(comparison, json));
      return ExitCode.OK.code();
    }
    if (cell != null) {
      return runOne(comparison, json);
    }
    int runs = parallel == null ? comparison.settings().parallel() : parallel;
    if (runs < 1) {
      throw new ConfigException(
          "--parallel is %d, expected a whole number of at least 1.".formatted(runs));
    }
    if (dryRun.isSet()) {
      return DryRunOption.print(ComparePlan.of(comparison, runs).items(), json);
    }
    try (CompareJob job = new CompareJob(comparison, this, reportOnly ? 1 : runs)) {
      List<CellEnd> ends = reportOnly ? List.of() : carryOut(job);
      int code;
      try {
        if (!tuneOnly) {
          report(job, json);
        }
      } finally {
        code = ended(job.configs(), ends);
      }
      return code;
    }
  }

  private void requireOneWay() {
    List<String> given = new ArrayList<>();
    if (cell != null) {
      given.add(CELL);
    }
    if (list) {
      given.add("--list");
    }
    if (dryRun.isSet()) {
      given.add("--dry-run");
    }
    if (tuneOnly) {
      given.add("--tune-only");
    }
    if (reportOnly) {
      given.add("--report-only");
    }
    if (given.size() > 1) {
      throw new ConfigException(
          "%s are given together, expected one of them.".formatted(String.join(" and ", given)));
    }
  }

  private List<CellEnd> carryOut(CompareJob job) throws IOException, InterruptedException {
    List<CellEnd> ends = new ArrayList<>(job.tune());
    if (!tuneOnly) {
      ends.addAll(job.run());
    }
    return ends;
  }

  private void report(CompareJob job, boolean json) throws IOException {
    SparkSession spark = job.session().spark();
    Outcome outcome = Outcome.read(spark, job.configs());
    OutcomeFiles files = new OutcomeFiles(outcome);
    // With another configuration all runs may be refused: their tables stay.
    if (outcome.runs().stream().anyMatch(RunFigures::isDone)) {
      files.write(spark, job.configs().files(), job.configs().comparison().places());
    }
    System.out.print(json ? files.json() : files.markdown());
  }

  private int runOne(Comparison comparison, boolean json) throws IOException {
    ParentProcess.endWithIt();
    Cell one = comparison.named(cell);
    Application application = Application.of(CellConfigs.of(comparison).of(one));
    try (Session session = application.session()) {
      ReportText.print(session, application.run(session).results(), json);
    }
    return ExitCode.OK.code();
  }

  /**
   * Names what failed; the exit code is theirs, where they have one in common. Trials among others
   * of which one was chosen do not count: that some settings do not work is what they tell.
   */
  private static int ended(CellConfigs configs, List<CellEnd> ends) {
    Map<Boolean, List<CellEnd>> byCounting =
        ends.stream()
            .filter(end -> !end.isDone())
            .collect(
                Collectors.partitioningBy(
                    end -> !end.cell().isTrial() || !configs.isChosen(end.cell())));
    print(byCounting.get(false), "of what was tried failed; the settings are chosen of the others");
    List<CellEnd> failed = byCounting.get(true);
    if (failed.isEmpty()) {
      return ExitCode.OK.code();
    }
    print(failed, failed.size() == 1 ? "run failed" : "runs failed");
    System.err.println("What is done is kept: the same command goes on from there.");
    Set<Integer> codes = failed.stream().map(CellEnd::code).collect(Collectors.toSet());
    int common = codes.size() == 1 ? codes.iterator().next() : ExitCode.INTERNAL.code();
    return common <= ExitCode.LEASE.code() ? common : ExitCode.INTERNAL.code();
  }

  private static void print(List<CellEnd> failed, String what) {
    if (!failed.isEmpty()) {
      System.err.println("dapt: %d %s:".formatted(failed.size(), what));
      failed.forEach(end -> System.err.println("  " + end.text()));
    }
  }

  @Override
  public String main() {
    return Main.class.getName();
  }

  @Override
  public List<String> arguments() {
    List<String> arguments = new ArrayList<>(List.of("compare", "--config", config.toString()));
    for (String override : overrides) {
      arguments.add("-D");
      arguments.add(override);
    }
    arguments.add(CELL);
    return arguments;
  }
}
