package org.dapt.run;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.dapt.error.LeaseException;

/** A process that tries for a lease when told to, and keeps it until told to end. */
final class LeaseProcess implements AutoCloseable {
  static final LeaseTimes TIMES =
      new LeaseTimes(Duration.ofMillis(200), Duration.ofSeconds(3), Duration.ofMillis(400));

  private final Process process;
  private final BufferedReader out;

  private LeaseProcess(Process process) {
    this.process = process;
    this.out = process.inputReader(StandardCharsets.UTF_8);
  }

  /** Starts the process; it is ready for {@link #go} on return. */
  static LeaseProcess start(Path lease) throws IOException {
    var command = new ArrayList<String>();
    command.add(java.nio.file.Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-Xmx256m", "-cp", System.getProperty("java.class.path")));
    command.addAll(List.of(LeaseProcess.class.getName(), lease.toString()));
    var started =
        new LeaseProcess(
            new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start());
    if (!"ready".equals(started.answer())) {
      started.close();
      throw new IOException("The process did not start");
    }
    return started;
  }

  /** Tells the process to try. */
  void go() throws IOException {
    process.outputWriter(StandardCharsets.UTF_8).append("go\n").flush();
  }

  /** The process's next line: "held TOKEN" or "refused MESSAGE". */
  String answer() throws IOException {
    return out.readLine();
  }

  long pid() {
    return process.pid();
  }

  /** Kills the process without giving it a chance to clean up. */
  void kill() throws InterruptedException {
    process.destroyForcibly().waitFor();
  }

  /** Lets the process end by itself; its exit code. */
  int end() throws IOException, InterruptedException {
    process.outputWriter(StandardCharsets.UTF_8).close();
    if (!process.waitFor(60, TimeUnit.SECONDS)) {
      throw new IOException("The process did not end");
    }
    return process.exitValue();
  }

  @Override
  public void close() {
    process.destroyForcibly();
  }

  /** Runs in the other process. */
  @SuppressWarnings("SystemOut")
  public static void main(String[] args) throws IOException {
    var path = new Path(args[0]);
    var files = path.getFileSystem(new Configuration());
    var in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    System.out.println("ready");
    in.readLine();
    try (var lease = Lease.acquire(files, path, TIMES)) {
      System.out.println("held " + lease.token());
      while (in.readLine() != null) {
        lease.check();
      }
    } catch (LeaseException e) {
      System.out.println("refused " + e.getMessage().replace('\n', ' '));
      System.exit(e.exitCode().code());
    }
  }
}
