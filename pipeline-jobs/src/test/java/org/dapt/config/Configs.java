package org.dapt.config;

import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.dapt.error.ConfigException;

/** Configurations that state no more than what is required and what a test is about. */
final class Configs {
  static final List<String> REQUIRED =
      List.of("run.dir=/runs/a", "model.path=/models/t5", "tasks.root=/tasks");

  private Configs() {}

  static List<String> with(String... overrides) {
    return Stream.concat(REQUIRED.stream(), Stream.of(overrides)).toList();
  }

  static DaptConfig of(String... overrides) {
    return ConfigLoader.load(null, with(overrides));
  }

  static DaptConfig inFile(Path folder, String content, String... overrides) {
    return ConfigLoader.load(write(folder, "dapt.conf", content), with(overrides));
  }

  static Path write(Path folder, String name, String content) {
    try {
      return Files.writeString(folder.resolve(name), content);
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  /** The message of the failure. */
  static String failure(org.assertj.core.api.ThrowableAssert.ThrowingCallable load) {
    return catchThrowableOfType(ConfigException.class, load).getMessage();
  }
}
