package org.dapt.data.hostile;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import org.apache.hadoop.conf.Configuration;
import org.dapt.data.TaskFolders;
import org.dapt.data.reader.Split;
import org.dapt.data.reader.TaskFile;
import org.dapt.data.reader.TaskFolder;
import org.dapt.data.reader.TaskReader;
import org.dapt.error.ExitCode;
import org.dapt.hostile.BrokenBytes;
import org.dapt.hostile.BrokenInput;
import org.dapt.hostile.Outcome;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/** Task files that are broken, and names of tasks that want to lead somewhere else. */
class HostileTaskFileTest {
  private static final byte[] VALID = TaskFolders.json(0, 6).getBytes(StandardCharsets.UTF_8);

  @TempDir private static Path folder;
  private final Configuration hadoop = new Configuration();

  @TestFactory
  Stream<DynamicTest> superNi() {
    return BrokenInput.json(VALID, 1, 80).map(input -> read("super-ni", input));
  }

  @TestFactory
  Stream<DynamicTest> longSequence() {
    return BrokenInput.json(VALID, 2, 40).map(input -> read("long-sequence", input));
  }

  @TestFactory
  Stream<DynamicTest> compressed() throws IOException {
    return BrokenBytes.of(TaskFolders.gzip(TaskFolders.json(0, 60)), 3, 20).stream()
        .map(input -> read("super-ni", input));
  }

  /** 100 MB of spaces and as much of one text in a few kilobytes: read in passing, or refused. */
  @Test
  void bombs() throws IOException {
    for (String filler : List.of(" ", "\"x\",")) {
      Path file = folder.resolve("bomb.json.gz");
      try (var out = new GZIPOutputStream(Files.newOutputStream(file))) {
        var text = new String(VALID, StandardCharsets.UTF_8);
        var at = text.indexOf('{') + 1;
        var list = !filler.isBlank();
        out.write(
            (text.substring(0, at) + (list ? "\"x\":[" : "")).getBytes(StandardCharsets.UTF_8));
        var chunk = filler.repeat(250_000).getBytes(StandardCharsets.UTF_8);
        for (var i = 0; i < 100_000_000 / chunk.length; i++) {
          out.write(chunk);
        }
        out.write(((list ? "1]," : "") + text.substring(at)).getBytes(StandardCharsets.UTF_8));
      }
      Outcome.of(ExitCode.INPUT, "bomb.json.gz", () -> inspect("super-ni", file));
    }
  }

  @TestFactory
  Stream<DynamicTest> namesOfTasks() throws IOException {
    TaskFolders.write(folder.resolve("tasks/odd/train.json"), TaskFolders.json(0, 6));
    TaskFolders.write(folder.resolve("secret/train.json"), TaskFolders.json(0, 6));
    return names().stream()
        .map(
            name ->
                Outcome.test(
                    "the task name " + name,
                    () ->
                        assertThat(
                                Outcome.refused(
                                    name.leads() ? ExitCode.CONFIGURATION : ExitCode.INPUT,
                                    "task",
                                    () ->
                                        TaskFolder.find(
                                                hadoop,
                                                folder.resolve("tasks").toString(),
                                                name.text())
                                            .requiredFile(Split.TRAIN)))
                            .contains("tasks.order")));
  }

  @Test
  void aFolderInPlaceOfAFileIsNamed() throws IOException {
    var split = Files.createDirectories(folder.resolve("folders/odd/train.json"));
    Outcome.refused(ExitCode.INPUT, split.toString(), () -> inspect("super-ni", split));
    var message =
        Outcome.refused(
            ExitCode.INPUT,
            "odd",
            () ->
                TaskFolder.find(hadoop, folder.resolve("folders").toString(), "odd")
                    .requiredFile(Split.TRAIN));
    assertThat(message).contains("train.json");
  }

  private record Name(String text, boolean leads) {
    @Override
    public String toString() {
      return text.length() > 50 ? text.substring(0, 50) + "..." : text;
    }
  }

  private static List<Name> names() {
    var names = new ArrayList<Name>();
    for (String name :
        List.of(
            "../secret",
            "..",
            ".",
            "",
            " ",
            "/etc",
            "a/../../secret",
            "odd/",
            "odd/..",
            "..\\secret",
            "C:secret",
            "hdfs://host/x",
            ".hidden",
            "_temporary",
            "odd\u0000",
            "odd\n",
            "\u001b[2J",
            "odd\u007f")) {
      names.add(new Name(name, true));
    }
    IntStream.of(256, 5000, 100_000)
        .forEach(length -> names.add(new Name("n".repeat(length), true)));
    for (String name :
        List.of(
            "\u043edd",
            "odd\u200b",
            "\u202eddo",
            "*",
            "o?d",
            "{odd,secret}",
            "[o]dd",
            "~",
            "$HOME",
            "%2e%2e",
            "\u2025",
            "\uff0e\uff0e\uff0fsecret",
            "odd ",
            "\ud83d\ude00",
            "a b")) {
      names.add(new Name(name, false));
    }
    return names;
  }

  private DynamicTest read(String format, BrokenInput input) {
    return Outcome.test(
        format + ": " + input.name(),
        () -> {
          var file = Files.write(folder.resolve("train.json"), input.content());
          Outcome.of(ExitCode.INPUT, "train.json", () -> inspect(format, file));
          Outcome.of(ExitCode.INPUT, "train.json", () -> readAgain(format, file));
        });
  }

  private void inspect(String format, Path file) {
    var facts =
        new TaskFile(file.toUri().toString())
            .inspect(hadoop, TaskReader.named(format), org.dapt.metric.AnswerMetric.ROUGE_L);
    assertThat(facts.instances()).isPositive();
  }

  /** As replayed inputs are read, which are not inspected before. */
  private void readAgain(String format, Path file) throws IOException {
    new TaskFile(file.toUri().toString())
        .read(
            hadoop,
            TaskReader.named(format),
            (position, instance) -> assertThat(instance.references()).isNotEmpty());
  }
}
