package org.dapt.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.dapt.cli.Main;

/** dapt in a process of its own, which can be killed. */
public final class DaptProcess implements AutoCloseable {
  private static final long PATIENCE_SECONDS = 300;

  private final Process process;
  private final Path log;

  private DaptProcess(Process process, Path log) {
    this.process = process;
    this.log = log;
  }

  /** Starts it; what it prints goes to {@code log}. */
  public static DaptProcess start(Path log, List<String> arguments) throws IOException {
    // Whoever runs the tests in the background may have switched interrupts off for all children.
    List<String> command = new ArrayList<>(List.of("env", "--default-signal=INT"));
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
        .filter(
            argument ->
                Stream.of("--add-opens", "-Dorg.byte", "-XX:").anyMatch(argument::startsWith))
        .forEach(command::add);
    command.add("-Dlog4j2.configurationFile=" + home().resolve("conf/log4j2.properties"));
    command.add("-Xmx512m");
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), Main.class.getName()));
    command.addAll(arguments);
    Process process =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile()).start();
    return new DaptProcess(process, log);
  }

  /**
   * Waits until {@code folder} holds at least {@code count} files whose names end in {@code end}.
   */
  public void awaitFiles(Path folder, String end, int count) throws Exception {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
    while (files(folder, end).size() < count) {
      assertThat(process.isAlive()).as("%s%n%s", folder, output()).isTrue();
      assertThat(System.nanoTime()).as("%s%n%s", folder, output()).isLessThan(deadline);
      Thread.sleep(2);
    }
  }

  /** Sends {@code signal}, such as INT. */
  public void signal(String signal) throws IOException, InterruptedException {
    Process kill = new ProcessBuilder("kill", "-s", signal, Long.toString(process.pid())).start();
    assertThat(kill.waitFor()).isZero();
  }

  /** SIGKILL. */
  public void kill() throws InterruptedException {
    process.destroyForcibly();
    assertThat(process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)).isTrue();
  }

  /** SIGKILL to one of its Spark executors. */
  void killExecutor() {
    ProcessHandle executor =
        process
            .descendants()
            .filter(child -> commandLine(child).contains("CoarseGrainedExecutorBackend"))
            .findFirst()
            .orElseThrow();
    assertThat(executor.destroyForcibly()).isTrue();
  }

  /** The whole of it: ProcessHandle.Info gives up on long ones. */
  private static String commandLine(ProcessHandle child) {
    try {
      return Files.readString(Path.of("/proc/" + child.pid() + "/cmdline"));
    } catch (IOException e) {
      return "";
    }
  }

  /** The processes that it has started. */
  public List<ProcessHandle> children() {
    return process.descendants().toList();
  }

  /** The exit code. */
  public int end() throws InterruptedException {
    assertThat(process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)).as(output()).isTrue();
    return process.exitValue();
  }

  /** What it printed. */
  public String output() {
    try {
      return Files.readString(log);
    } catch (IOException e) {
      return e.toString();
    }
  }

  @Override
  public void close() {
    process.descendants().forEach(ProcessHandle::destroyForcibly);
    process.destroyForcibly();
  }

  private static Path home() {
    return Path.of(System.getProperty("dapt.home"));
  }

  /** The files in {@code folder} whose names end in {@code end}. */
  public static List<Path> files(Path folder, String end) throws IOException {
    if (!Files.isDirectory(folder)) {
      return List.of();
    }
    try (Stream<Path> all = Files.list(folder)) {
      return all.filter(file -> file.getFileName().toString().endsWith(end)).sorted().toList();
    }
  }

  /** Settings as options. */
  public static List<String> settings(String... settings) {
    return Arrays.stream(settings).flatMap(setting -> Stream.of("-D", setting)).toList();
  }
}
