package org.dapt.compare;

import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.apache.spark.SparkConf;
import org.dapt.app.RunStanding;
import org.dapt.config.DaptConfig;
import org.dapt.error.ConfigException;
import org.dapt.error.DaptException;
import org.dapt.error.ExitCode;
import org.dapt.job.Session;
import org.dapt.job.Sessions;
import org.dapt.spark.LocalCores;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs what is not there yet of a comparison: first the trials by which settings are chosen, then
 * the runs. On this machine each run is a process of its own; on a cluster they share the
 * application and come one after the other.
 */
public final class CompareJob implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(CompareJob.class);

  /** What stands for the log. */
  private static final String NOT_STARTED = "(nothing was started)";

  private final CellConfigs configs;
  private final SparkConf conf;
  private final int parallel;

  /** Null where runs are no processes of their own, as {@link #processes}. */
  private final Share share;

  private final CellProcesses processes;
  private Session session;

  /** Methods and settings of which another process has a trial. */
  private final Set<String> heldElsewhere = new HashSet<>();

  /** How a run is started by the command line. */
  public interface CommandLine {
    /** Its class. */
    String main();

    /** Its arguments up to the name of a run. */
    List<String> arguments();
  }

  /**
   * @param parallel most runs at once
   * @throws ConfigException if there is no room for so many
   */
  public CompareJob(Comparison comparison, CommandLine line, int parallel) {
    conf = Sessions.conf(CellConfigs.first(comparison));
    configs = new CellConfigs(comparison, Sessions.hadoop(conf));
    this.parallel = parallel;
    share = share(conf, parallel).orElse(null);
    processes =
        share == null
            ? null
            : new CellProcesses(line.main(), line.arguments(), share.cores(), comparison.places());
  }

  /**
   * What each run gets where runs are processes of their own on this machine; empty where they come
   * one after the other in one application.
   *
   * @throws ConfigException if there cannot be {@code parallel} runs at once
   */
  static Optional<Share> share(SparkConf conf, int parallel) {
    if (areProcesses(conf)) {
      return Optional.of(Share.of(conf, parallel));
    }
    if (parallel > 1) {
      throw new ConfigException(
          "compare.parallel (--parallel) is %d, but with master %s the runs of one application come one after the other. Set it to 1, and submit the same command several times: each takes runs that no other one has begun."
              .formatted(parallel, conf.get("spark.master")));
    }
    return Optional.empty();
  }

  /** Other class loaders are those of spark-submit, whose class path only it knows. */
  private static boolean areProcesses(SparkConf conf) {
    return LocalCores.areTasksHere(conf)
        && CompareJob.class.getClassLoader() == ClassLoader.getSystemClassLoader();
  }

  /** The configurations of the runs. */
  public CellConfigs configs() {
    return configs;
  }

  /** A session, started if need be. It is best not asked for while runs are processes. */
  public Session session() {
    if (session == null) {
      session = new Session(conf);
    }
    return session;
  }

  /**
   * Runs the trials that are not done, and keeps what is chosen by them.
   *
   * @return how those ended that were run now, or could not be
   */
  public List<CellEnd> tune() throws IOException, InterruptedException {
    Tuning tuning = new Tuning(configs);
    List<List<Cell>> open = tuning.open();
    if (open.isEmpty()) {
      return tuning.hopeless();
    }
    // Before those of now are among them.
    List<CellEnd> ends = new ArrayList<>(tuning.hopeless());
    List<CellEnd> now = carryOut(tuning.toTry(open));
    ends.addAll(now);
    ends.addAll(tuning.choose(() -> session().spark(), open, now));
    if (processes != null && session != null) {
      session.close();
      session = null;
    }
    now.stream()
        .filter(end -> end.code() == ExitCode.LEASE.code())
        .forEach(end -> heldElsewhere.add(end.cell().tunedTogether()));
    return ends;
  }

  /**
   * Runs the runs that are not done.
   *
   * @return how those ended that were run now, or could not be
   */
  public List<CellEnd> run() throws IOException, InterruptedException {
    List<Cell> chosen = new ArrayList<>();
    List<CellEnd> ends = new ArrayList<>();
    for (Cell cell : configs.comparison().runs()) {
      if (heldElsewhere.contains(cell.tunedTogether()) && configs.choice(cell).isEmpty()) {
        ends.add(
            new CellEnd(
                cell,
                ExitCode.LEASE.code(),
                "Another process tries settings for it: the same command goes on when these are tried.",
                NOT_STARTED));
      } else {
        chosen.add(cell);
      }
    }
    ends.addAll(carryOut(chosen));
    return ends;
  }

  private List<CellEnd> carryOut(List<Cell> cells) throws IOException, InterruptedException {
    List<Cell> toDo = new ArrayList<>();
    List<CellEnd> ends = new ArrayList<>();
    Set<String> warned = new HashSet<>();
    int done = 0;
    for (Cell cell : cells) {
      try {
        DaptConfig config = configs.of(cell);
        if (RunStanding.of(config).isDone()) {
          done++;
          continue;
        }
        if (share != null) {
          share.check(config);
          if (warned.add(cell.tunedTogether())) {
            share.warn(config);
          }
        }
        toDo.add(cell);
      } catch (DaptException e) {
        // What is wrong with one does not stop the others.
        CellEnd end = new CellEnd(cell, e.exitCode().code(), e.getMessage(), NOT_STARTED);
        LOG.error("Run {}", end.text());
        ends.add(end);
      }
    }
    LOG.info("{} of {} runs are done, {} to do", done, cells.size(), toDo.size());
    if (!toDo.isEmpty()) {
      CellLauncher launcher =
          processes == null ? new CellsInSession(configs, session()) : processes;
      ends.addAll(new CellQueue(launcher, parallel).run(toDo));
    }
    return ends;
  }

  @Override
  public void close() {
    try {
      if (processes != null) {
        processes.close();
      }
    } finally {
      if (session != null) {
        session.close();
      }
    }
  }
}
