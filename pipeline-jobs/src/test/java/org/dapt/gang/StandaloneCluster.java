package org.dapt.gang;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A standalone master with workers, each a process of its own from the class path of the tests. */
final class StandaloneCluster implements AutoCloseable {
  private static final Pattern ADDRESS = Pattern.compile("Starting Spark master at (spark://\\S+)");
  private static final long PATIENCE_MS = 60_000;

  private final Path folder;
  private final List<Process> processes = new ArrayList<>();
  private final String master;

  /** Starts the master. */
  StandaloneCluster(Path folder) throws IOException, InterruptedException {
    this.folder = folder;
    Files.createDirectories(Path.of(System.getenv("SPARK_HOME"), "jars"));
    Files.write(
        folder.resolve("log4j2.properties"),
        List.of(
            "rootLogger.level = info",
            "rootLogger.appenderRef.console.ref = console",
            "appender.console.type = Console",
            "appender.console.name = console",
            "appender.console.layout.type = PatternLayout",
            "appender.console.layout.pattern = %p %c{1}: %m%n"));
    java("master", Map.of(), List.of(), "org.apache.spark.deploy.master.Master", List.of());
    master = await("master", ADDRESS).group(1);
  }

  /** The master's address. */
  String master() {
    return master;
  }

  /** Starts a worker of two cores and waits until the master knows it. */
  void addWorker(String name, Map<String, String> environment, List<String> properties)
      throws IOException, InterruptedException {
    Path work = folder.resolve(name + "-work");
    java(
        name,
        environment,
        properties,
        "org.apache.spark.deploy.worker.Worker",
        List.of("--cores", "2", "--memory", "2g", "--work-dir", work.toString(), master));
    await(name, Pattern.compile("Successfully registered with master"));
  }

  @Override
  public void close() {
    for (int i = processes.size() - 1; i >= 0; i--) {
      Process process = processes.get(i);
      // A worker that is asked to end ends its executors, too.
      process.destroy();
      try {
        process.waitFor();
      } catch (InterruptedException e) {
        process.destroyForcibly();
        Thread.currentThread().interrupt();
      }
    }
  }

  private void java(
      String name,
      Map<String, String> environment,
      List<String> properties,
      String main,
      List<String> arguments)
      throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin/java").toString());
    command.addAll(
        ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
            .filter(argument -> argument.startsWith("--add-opens"))
            .toList());
    command.addAll(List.of("-Xmx256m", "-XX:TieredStopAtLevel=1"));
    command.add("-Dlog4j2.configurationFile=" + folder.resolve("log4j2.properties"));
    command.addAll(properties);
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), main));
    command.addAll(List.of("--host", "127.0.0.1", "--port", "0", "--webui-port", "0"));
    command.addAll(arguments);
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(folder.resolve(name + ".log").toFile());
    builder.environment().putAll(environment);
    processes.add(builder.start());
  }

  private Matcher await(String name, Pattern line) throws IOException, InterruptedException {
    Process process = processes.get(processes.size() - 1);
    long deadline = System.currentTimeMillis() + PATIENCE_MS;
    while (true) {
      boolean alive = process.isAlive();
      String log = Files.readString(folder.resolve(name + ".log"), UTF_8);
      Matcher matcher = line.matcher(log);
      if (matcher.find()) {
        return matcher;
      }
      if (!alive || System.currentTimeMillis() > deadline) {
        close();
        throw new IllegalStateException(name + " did not come up:\n" + log);
      }
      Thread.sleep(50);
    }
  }
}
