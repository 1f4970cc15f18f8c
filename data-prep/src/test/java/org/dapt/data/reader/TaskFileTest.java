package org.dapt.data.reader;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.entry;
import static org.dapt.data.TaskFolders.gzip;
import static org.dapt.data.TaskFolders.json;
import static org.dapt.data.TaskFolders.write;
import static org.dapt.data.TaskFolders.writeGzip;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.dapt.error.ConfigException;
import org.dapt.error.InputException;
import org.dapt.metric.AnswerMetric;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TaskFileTest {
  @TempDir private Path root;

  private final Configuration hadoop = new Configuration();

  @Test
  void theFirstBytesAndNotTheNameSayWhatIsCompressed() throws IOException {
    var plain = facts(write(root.resolve("a/train.json"), json(0, 5)));
    var compressed = facts(writeGzip(root.resolve("b/train.json.gz"), json(0, 5)));
    var misnamedPlain = facts(write(root.resolve("c/train.json.gz"), json(0, 5)));
    var misnamedCompressed = facts(writeGzip(root.resolve("d/train.json"), json(0, 5)));
    assertThat(List.of(compressed, misnamedPlain, misnamedCompressed))
        .allSatisfy(
            facts -> {
              assertThat(facts.contentSha256()).isEqualTo(plain.contentSha256());
              assertThat(facts.instances()).isEqualTo(5);
            });
    assertThat(compressed.sha256())
        .isNotEqualTo(plain.sha256())
        .isEqualTo(misnamedCompressed.sha256());
  }

  @Test
  void equalInstancesAreSeenThroughOtherJson() throws IOException {
    var first = facts(write(root.resolve("1.json"), json(0, 3)));
    var spaced = facts(write(root.resolve("2.json"), json(0, 3).replace("\n", "\n \t ")));
    var other = facts(write(root.resolve("3.json"), json(0, 2)));
    var reordered = facts(write(root.resolve("4.json"), json(0, 3).replace("is 1.", "is 7.")));
    assertThat(first.sameInstances(spaced)).isTrue();
    assertThat(first.contentSha256()).isNotEqualTo(spaced.contentSha256());
    assertThat(first.sameInstances(other)).isFalse();
    assertThat(first.sameInstances(reordered)).isFalse();
  }

  @Test
  void textCannotMoveBetweenInputAndOutputUnnoticed() throws IOException {
    var list = "{\"Definition\": \"d\", \"Instances\": [{\"input\": \"%s\", \"output\": [%s]}]}";
    var first = facts(write(root.resolve("1.json"), list.formatted("ab", "\"c\"")));
    var second = facts(write(root.resolve("2.json"), list.formatted("a", "\"bc\"")));
    var third = facts(write(root.resolve("3.json"), list.formatted("a", "\"b\", \"c\"")));
    assertThat(List.of(first.instancesSha256(), second.instancesSha256(), third.instancesSha256()))
        .doesNotHaveDuplicates();
  }

  @Test
  void aCutOrDamagedArchiveIsNamed() throws IOException {
    var whole = gzip(json(0, 500));
    var cut = root.resolve("cut.json.gz");
    Files.write(cut, Arrays.copyOf(whole, whole.length / 2));
    assertThatThrownBy(() -> facts(cut))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("cut.json.gz is damaged");
    whole[whole.length - 6] ^= 1;
    var damaged = root.resolve("damaged.json.gz");
    Files.write(damaged, whole);
    assertThatThrownBy(() -> facts(damaged))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("damaged.json.gz is damaged");
  }

  @Test
  void otherEncodingsThanUtf8AreNamed() throws IOException {
    var text = json(0, 3).replace("odd", "gerade f\u00fcr Gr\u00fc\u00dfe");
    var latin = root.resolve("latin.json");
    Files.write(latin, text.getBytes(StandardCharsets.ISO_8859_1));
    assertThatThrownBy(() -> facts(latin))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("latin.json is not well-formed JSON: line 1")
        .hasMessageContaining("Invalid UTF-8");
    // JSON's own detection of a byte order mark, and of UTF-16 by its zero bytes.
    var plain = facts(write(root.resolve("plain.json"), text));
    assertThat(facts(write(root.resolve("marked.json"), "\ufeff" + text)).instancesSha256())
        .isEqualTo(plain.instancesSha256());
    var wide = root.resolve("wide.json");
    Files.write(wide, text.getBytes(StandardCharsets.UTF_16LE));
    assertThat(facts(wide).instancesSha256()).isEqualTo(plain.instancesSha256());
    Files.write(wide, Arrays.copyOf(Files.readAllBytes(wide), 901));
    assertThatThrownBy(() -> facts(wide))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("wide.json ");
  }

  @Test
  void anArchiveOfSomethingElseIsNamed() throws IOException {
    var file = root.resolve("zip.json.gz");
    Files.write(file, new byte[] {0x1f, (byte) 0x8b, 99, 0, 0, 0, 0, 0, 0, 0, 0});
    assertThatThrownBy(() -> facts(file))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("zip.json.gz is damaged");
    Files.write(file, new byte[0]);
    assertThatThrownBy(() -> facts(file))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("zip.json.gz: line 1, column 1: found the end, expected an object");
  }

  @Test
  void aMissingTaskFolderListsTheNearestNames() throws IOException {
    for (var name : List.of("task429_tense", "task115_advice", "task900_category", "zzz")) {
      Files.createDirectories(root.resolve(name));
    }
    assertThatThrownBy(() -> TaskFolder.find(hadoop, root.toString(), "task492_tense"))
        .isInstanceOf(InputException.class)
        .hasMessageContaining(
            "task492_tense does not exist; the nearest names there are task429_tense, ");
    assertThatThrownBy(() -> TaskFolder.find(hadoop, root.resolve("none").toString(), "t"))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("its parent does not exist either");
  }

  @Test
  void aFileInPlaceOfATaskFolderIsNamedWithWhatATaskIs() throws IOException {
    write(root.resolve("task001_parity.json"), json(0, 4));
    assertThatThrownBy(() -> TaskFolder.find(hadoop, root.toString(), "task001_parity"))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("task001_parity.json is one file, a task is a folder: expected")
        .hasMessageContaining("task001_parity with train.json and test.json");
  }

  @Test
  void aMissingSplitIsNamedWithWhatIsThere() throws IOException {
    write(root.resolve("t/train.jsonl"), json(0, 1));
    write(root.resolve("t/Test.json"), json(0, 1));
    var folder = TaskFolder.find(hadoop, root.toString(), "t");
    assertThatThrownBy(() -> folder.requiredFile(Split.TRAIN))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("expected train.json or train.json.gz in it")
        .hasMessageContaining("there is Test.json, train.jsonl");
  }

  @Test
  void aPointerOfGitLfsIsNotTakenForTheFile() throws IOException {
    var file = root.resolve("t/train.json");
    write(
        file,
        "version https://git-lfs.github.com/spec/v1\noid sha256:%s\nsize 12345\n"
            .formatted("0".repeat(64)));
    assertThatThrownBy(() -> facts(file))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("t/train.json is not the file but a pointer of Git LFS")
        .hasMessageContaining("git lfs pull");
  }

  @Test
  void whatMayNotBeMeantIsCounted() throws IOException {
    var file = root.resolve("t/train.json");
    write(
        file,
        """
        {"definition": "lower case", "Definition": "Say it.", "Source": ["x"], "Instances": [
          {"input": " ", "output": "偶数", "context": "She came.", "score": NaN, "tags": [1, 2]},
          {"input": "", "instruction": "Odd or even?", "output": ["odd", "奇数"], "context": ""},
          {"input": "2", "instruction": null, "output": "even", "context": "He left.", "alt": ["a"]}
        ]}
        """);
    var odd = facts(file).oddities();
    assertThat(odd.instructed()).isEqualTo(1);
    assertThat(odd.bare()).isEqualTo(1);
    assertThat(odd.unseen()).isEqualTo(1);
    assertThat(odd.passedOver())
        .containsExactly(entry("alt", 1L), entry("context", 2L), entry("definition", 1L));
  }

  @Test
  void filesWithOtherInstructionsHaveOtherInstances() throws IOException {
    var one = root.resolve("t/train.json");
    var other = root.resolve("t/test.json");
    var text =
        "{\"Definition\": \"D\", \"Instances\": [{\"instruction\": \"%s\", \"input\": \"\","
            + " \"output\": \"o\"}]}";
    write(one, text.formatted("Sum"));
    write(other, text.formatted("Product"));
    assertThat(facts(one).sameInstances(facts(other))).isFalse();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        " ",
        ".",
        "..",
        "../secret",
        "a/b",
        "/etc",
        "a\\b",
        "hdfs:x",
        ".hidden",
        "_x",
        "a\u0000b"
      })
  void namesThatCouldLeadOutOfTheFolderAreRefused(String name) {
    assertThatThrownBy(() -> TaskFolder.find(hadoop, root.toString(), name))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("is not a task name");
  }

  @Test
  void aSplitIsPlainOrCompressedButNotBoth() throws IOException {
    write(root.resolve("t/train.json"), json(0, 1));
    writeGzip(root.resolve("t/test.json.gz"), json(0, 1));
    var folder = TaskFolder.find(hadoop, root.toString(), "t");
    assertThat(folder.requiredFile(Split.TRAIN).uri()).endsWith("t/train.json");
    assertThat(folder.requiredFile(Split.TEST).uri()).endsWith("t/test.json.gz");
    assertThat(folder.file(Split.DEV)).isEmpty();
    assertThatThrownBy(() -> folder.requiredFile(Split.DEV))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("has no dev split: expected dev.json or dev.json.gz");
    writeGzip(root.resolve("t/train.json.gz"), json(0, 1));
    assertThatThrownBy(() -> folder.file(Split.TRAIN))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("train.json.gz exist, expected one of them");
  }

  private TaskFile.Facts facts(Path file) {
    return new TaskFile(file.toUri().toString())
        .inspect(hadoop, TaskReader.named("super-ni"), AnswerMetric.ROUGE_L);
  }
}
