package org.dapt.compare;

import java.io.File;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.dapt.error.ExitCode;

/**
 * Runs as processes of their own on this machine, each with a share of its cores: a run that is
 * killed for its memory, or brings its process down, takes no other one with it, and the memory
 * that is recorded is that of the run alone. The processes end with this one.
 */
final class CellProcesses implements CellLauncher, AutoCloseable {
  /** By this variable a run knows the process that started it. */
  static final String PARENT = "DAPT_COMPARED_BY";

  private static final long PATIENCE_SECONDS = 30;
  private static final int TAIL = 16_384;

  private final String main;
  private final List<String> arguments;
  private final int cores;
  private final Places places;
  private final Set<Process> running = ConcurrentHashMap.newKeySet();
  private final Thread hook = new Thread(this::stopAll, "stop-compared-runs");

  /**
   * @param main class of the command line
   * @param arguments of it up to the name of a run
   * @param cores of each run
   */
  CellProcesses(String main, List<String> arguments, int cores, Places places) {
    this.main = main;
    this.arguments = List.copyOf(arguments);
    this.cores = cores;
    this.places = places;
    Runtime.getRuntime().addShutdownHook(hook);
  }

  @Override
  public CellEnd run(Cell cell) throws InterruptedException {
    Path log = log(cell);
    Process process;
    long before;
    try {
      Files.createDirectories(log.getParent());
      // What it said when it was tried before is none of its reasons now.
      before = Files.exists(log) ? Files.size(log) : 0;
      ProcessBuilder builder =
          new ProcessBuilder(command(cell))
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
              .redirectInput(ProcessBuilder.Redirect.from(new File("/dev/null")));
      builder.environment().put(PARENT, Long.toString(ProcessHandle.current().pid()));
      process = builder.start();
    } catch (IOException e) {
      return new CellEnd(cell, ExitCode.INTERNAL.code(), e.toString(), log.toString());
    }
    running.add(process);
    try {
      int code = process.waitFor();
      return new CellEnd(cell, code, code == 0 ? "" : reason(log, before), log.toString());
    } catch (InterruptedException e) {
      stop(process);
      throw e;
    } finally {
      running.remove(process);
    }
  }

  /** Beside the runs, or where these are on another file system among the temporary files. */
  private Path log(Cell cell) {
    org.apache.hadoop.fs.Path log = places.log(cell);
    String scheme = log.toUri().getScheme();
    return scheme == null || scheme.equals("file")
        ? Path.of(log.toUri().getPath())
        : Path.of(
            System.getProperty("java.io.tmpdir"),
            "dapt-compare-" + ProcessHandle.current().pid(),
            log.getName());
  }

  private List<String> command(Cell cell) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
        .filter(CellProcesses::isPassedOn)
        .forEach(command::add);
    // As a property of the process it goes before what configurations and the parent's say.
    command.add("-Dspark.master=local[" + cores + "]");
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), main));
    command.addAll(arguments);
    command.add(cell.name());
    return command;
  }

  /** Agents of the parent, such as debuggers, hold ports and files of their own. */
  private static boolean isPassedOn(String option) {
    return Stream.of("-agent", "-javaagent", "-Xdebug", "-Xrun", "-Dspark.master=")
        .noneMatch(option::startsWith);
  }

  /** What the process said last for people, behind the first {@code before} bytes. */
  private static String reason(Path log, long before) {
    try (RandomAccessFile file = new RandomAccessFile(log.toFile(), "r")) {
      long start = Math.max(Math.min(before, file.length()), file.length() - TAIL);
      byte[] tail = new byte[(int) (file.length() - start)];
      file.seek(start);
      file.readFully(tail);
      return new String(tail, StandardCharsets.UTF_8)
          .lines()
          .filter(line -> line.startsWith("dapt: "))
          .reduce((first, last) -> last)
          .map(line -> line.substring("dapt: ".length()))
          .orElse("");
    } catch (IOException e) {
      return "";
    }
  }

  private void stopAll() {
    running.forEach(Process::destroy);
    running.forEach(CellProcesses::stop);
  }

  /** Lets it unwind: what it has begun is removed, and its leases are released. */
  private static void stop(Process process) {
    process.destroy();
    try {
      if (!process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void close() {
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException e) {
      // The process is ending, and the hook at work.
    }
    stopAll();
  }
}
