package org.dapt.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.dapt.cli.Main;
import org.dapt.gang.TestSpark;

/**
 * Runs commands in this process as the command line would, on small tasks with the bundled model.
 */
public final class TestRun {
  /** The bundled model. */
  public static final Path MODEL = Path.of(System.getProperty("dapt.home"), "models/base-tiny");

  private final Path folder;
  private final List<String> settings;

  /** What a command printed and its exit code. */
  public record Ended(int code, String out, String err) {
    /** The report without the lines that hold times. */
    public String matrix() {
      assertThat(out).contains("Training");
      return out.substring(0, out.indexOf("Training"));
    }
  }

  private TestRun(Path folder, List<String> settings) {
    this.folder = folder;
    this.settings = settings;
  }

  /**
   * A configuration file {@code run.conf} in {@code folder}, with its tasks in {@code
   * folder/tasks}.
   */
  public static TestRun in(Path folder, List<String> order, String... lines) throws IOException {
    for (String task : order) {
      if (!Files.exists(folder.resolve("tasks").resolve(task))) {
        TaskFiles.write(folder.resolve("tasks"), task, 32);
      }
    }
    List<String> all =
        new ArrayList<>(
            List.of(
                "run.dir = run",
                "tasks.root = tasks",
                "tasks.order = [" + String.join(", ", order) + "]",
                "tasks.shards = 4",
                "tasks.metric = exact-match",
                "model.path = \"" + MODEL + "\"",
                "reflection.source = train",
                "train { epochs = 1, global-batch = 8, learning-rate = 0.01 }",
                "evaluate.max-new-tokens = 4",
                "spark { master = \"local[2]\", ui.enabled = false }",
                "spark.driver { host = 127.0.0.1, bindAddress = 127.0.0.1 }"));
    all.addAll(List.of(lines));
    Files.createDirectories(folder);
    Files.write(folder.resolve("run.conf"), all);
    return new TestRun(folder, List.of());
  }

  /**
   * The tasks colour and order, learnt and evaluated already in {@code folder/run}: a copy of a run
   * that is made once for all tests. Its tasks stay where they were; {@code folder/tasks} has the
   * same ones.
   */
  public static TestRun learnt(Path folder) throws IOException {
    Path tasks = SharedRun.copyTo(folder);
    return in(folder, SharedRun.TASKS, "tasks.root = \"" + tasks + "\"");
  }

  /** The same with further {@code -D} settings. */
  public TestRun with(String... more) {
    List<String> all = new ArrayList<>(settings);
    for (String setting : more) {
      all.add("-D");
      all.add(setting);
    }
    return new TestRun(folder, all);
  }

  /** Runs {@code command} with the configuration file. */
  public Ended run(String command, String... arguments) {
    List<String> all =
        new ArrayList<>(List.of(command, "--config", folder.resolve("run.conf").toString()));
    all.addAll(settings);
    all.addAll(List.of(arguments));
    return execute(all.toArray(new String[0]));
  }

  /** Runs any command. */
  public static Ended execute(String... arguments) {
    TestSpark.release();
    PrintStream out = System.out;
    PrintStream err = System.err;
    ByteArrayOutputStream printed = new ByteArrayOutputStream();
    ByteArrayOutputStream complained = new ByteArrayOutputStream();
    System.setOut(new PrintStream(printed, true, StandardCharsets.UTF_8));
    System.setErr(new PrintStream(complained, true, StandardCharsets.UTF_8));
    try {
      int code = Main.execute(arguments);
      return new Ended(
          code,
          printed.toString(StandardCharsets.UTF_8),
          complained.toString(StandardCharsets.UTF_8));
    } finally {
      System.setOut(out);
      System.setErr(err);
    }
  }
}
