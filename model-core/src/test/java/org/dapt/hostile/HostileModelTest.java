package org.dapt.hostile;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.bytedeco.javacpp.PointerScope;
import org.dapt.backbone.Backbones;
import org.dapt.error.ExitCode;
import org.dapt.fixture.Fixtures;
import org.dapt.io.SafetensorsFile;
import org.dapt.tensor.ComputeType;
import org.dapt.tensor.NamedTensors;
import org.dapt.tensor.Placement;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/** Model folders whose files are broken: loaded all the same, or refused by name. */
class HostileModelTest {
  private static final long SEED = 20240116;

  private static final AtomicInteger NUMBER = new AtomicInteger();

  @TempDir private static Path folder;

  @TestFactory
  Stream<DynamicTest> configurationOfT5() throws IOException {
    return broken("t5-v10-tiny", "config.json", 80);
  }

  @TestFactory
  Stream<DynamicTest> configurationOfLlama() throws IOException {
    return broken("llama3-tiny", "config.json", 80);
  }

  @TestFactory
  Stream<DynamicTest> generationConfigurationOfLlama() throws IOException {
    return broken("llama3-tiny", "generation_config.json", 10);
  }

  @TestFactory
  Stream<DynamicTest> indexOfShards() throws IOException {
    return broken("llama3-tiny", "model.safetensors.index.json", 30);
  }

  @TestFactory
  Stream<DynamicTest> headersOfWeights() throws IOException {
    byte[] valid = Files.readAllBytes(Fixtures.folder("t5-v10-tiny").resolve("model.safetensors"));
    return BrokenSafetensors.of(valid, SEED, 60).stream()
        .map(input -> load("t5-v10-tiny", "model.safetensors", input));
  }

  @TestFactory
  Stream<DynamicTest> tensorsOfAnyShape() throws IOException {
    byte[] valid =
        Files.readAllBytes(Fixtures.folder("dapt-lora-t5").resolve("tasks-1/bank.safetensors"));
    return BrokenSafetensors.of(valid, SEED, 60).stream()
        .map(input -> Outcome.test(input.name(), () -> readAll(input)));
  }

  @Test
  void aFolderInPlaceOfAFileIsNamed() throws IOException {
    for (String file : List.of("config.json", "model.safetensors")) {
      Path model = copyOf("t5-v10-tiny", file);
      Files.createDirectory(model.resolve(file));
      String message = Outcome.refused(ExitCode.INPUT, model.toString(), () -> load(model));
      assertThat(message).contains(file);
    }
  }

  private Stream<DynamicTest> broken(String model, String file, int fields) throws IOException {
    byte[] valid = Files.readAllBytes(Fixtures.folder(model).resolve(file));
    return BrokenInput.json(valid, SEED, fields).map(input -> load(model, file, input));
  }

  private DynamicTest load(String model, String file, BrokenInput input) {
    return Outcome.test(
        file + ": " + input.name(),
        () -> {
          Path copy = copyOf(model, file);
          Files.write(copy.resolve(file), input.content());
          Outcome.of(ExitCode.INPUT, copy.toString(), () -> load(copy));
        });
  }

  private static void load(Path model) {
    Backbones.load(model, Placement.cpu(ComputeType.FLOAT32)).close();
  }

  private void readAll(BrokenInput input) throws IOException {
    Path file = folder.resolve("bank-" + NUMBER.incrementAndGet() + ".safetensors");
    Files.write(file, input.content());
    Outcome.of(
        ExitCode.INPUT,
        file.toString(),
        () -> {
          try (SafetensorsFile parsed = SafetensorsFile.open(file);
              PointerScope scope = new PointerScope()) {
            NamedTensors.read(parsed, Placement.cpu(ComputeType.FLOAT32))
                .values()
                .forEach(tensor -> assertThat(tensor.numel()).isNotNegative());
          }
        });
  }

  /** A folder with all files of {@code model} but {@code left}. */
  private static Path copyOf(String model, String left) throws IOException {
    Path copy = Files.createDirectory(folder.resolve("model-" + NUMBER.incrementAndGet()));
    try (Stream<Path> files = Files.list(Fixtures.folder(model))) {
      for (Path file : files.toList()) {
        String name = file.getFileName().toString();
        if (!name.equals(left) && !name.startsWith("expected")) {
          Path original = folder.resolve(model + "-" + name);
          if (!Files.exists(original)) {
            Files.copy(file, original);
          }
          Files.createLink(copy.resolve(name), original);
        }
      }
    }
    return copy;
  }
}
