package org.dapt.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.dapt.method.ContinualMethods;
import org.dapt.method.OptionReader;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The files of settings for single methods. */
class MethodFilesTest {
  private static final Path FOLDER = Path.of(System.getProperty("dapt.home"), "conf", "methods");

  @TempDir private Path folder;

  private static Stream<String> files() throws IOException {
    Set<String> names = new TreeSet<>();
    try (var files = Files.list(FOLDER)) {
      files.forEach(file -> names.add(file.getFileName().toString()));
    }
    return names.stream();
  }

  /** Included, it chooses the method, and its options are all there are, with their defaults. */
  @ParameterizedTest
  @MethodSource("files")
  void statesTheMethodsOptionsWithTheirDefaults(String file) {
    DaptConfig config =
        Configs.inFile(folder, "include \"%s\"".formatted(FOLDER.resolve(file).toString()));
    assertThat(config.method().name() + ".conf").isEqualTo(file);
    OptionReader defaults = new OptionReader(java.util.Map.of());
    ContinualMethods.named(config.method().name()).readOptions(defaults);
    assertThat(config.method().options()).isNotEmpty().isEqualTo(defaults.values());
  }
}
