package org.dapt.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.apache.commons.io.FileUtils;

/**
 * The tasks colour and order, learnt by the settings of {@link TestRun} once in a process; the
 * files of a task length, which it has not learnt, lie beside theirs.
 */
final class SharedRun {
  static final List<String> TASKS = List.of("colour", "order");

  private static Path folder;
  private static TestRun.Ended ended;

  private SharedRun() {}

  /** Copies the folders {@code run} and {@code tasks} to {@code target}; where the tasks were. */
  static synchronized Path copyTo(Path target) throws IOException {
    if (folder == null) {
      Path made = Files.createTempDirectory("dapt-shared-run-");
      Runtime.getRuntime()
          .addShutdownHook(new Thread(() -> FileUtils.deleteQuietly(made.toFile())));
      TaskFiles.write(made.resolve("tasks"), "length", 32);
      ended = TestRun.in(made, TASKS).run("run");
      assertThat(ended.code()).as(ended.err()).isZero();
      folder = made;
    }
    for (String part : List.of("run", "tasks")) {
      FileUtils.copyDirectory(
          folder.resolve(part).toFile(),
          target.resolve(part).toFile(),
          /* preserveFileDate= */ true);
    }
    return folder.resolve("tasks");
  }

  /** How the command that learnt them ended. */
  static synchronized TestRun.Ended ended() {
    return ended;
  }
}
