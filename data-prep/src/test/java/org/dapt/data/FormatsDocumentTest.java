package org.dapt.data;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.dapt.data.reader.Instance;
import org.dapt.data.reader.Split;
import org.dapt.data.reader.TaskFile;
import org.dapt.data.reader.TaskFormat;
import org.dapt.data.reader.TaskReader;
import org.dapt.data.shard.ManifestFile;
import org.dapt.data.shard.TaskManifest;
import org.dapt.data.table.Field;
import org.dapt.data.table.FieldNames;
import org.dapt.data.table.RowFilter;
import org.dapt.data.table.TableFormat;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The examples in the format document are what the code reads. */
class FormatsDocumentTest {
  private static final Pattern BLOCK = Pattern.compile("(?s)```json\n(.*?)```");

  @TempDir private Path folder;

  private List<String> blocks;

  @BeforeEach
  void readDocument() throws IOException {
    var document = Path.of(System.getProperty("dapt.home"), "docs/formats.md");
    blocks =
        BLOCK.matcher(Files.readString(document)).results().map(match -> match.group(1)).toList();
  }

  @Test
  void bothExamplesOfTaskFilesAreRead() throws IOException {
    assertThat(read("super-ni", blocks.get(0)))
        .containsExactly(
            new Instance("n-1", "The number is 1.", List.of("odd", "odd number")),
            new Instance("n-2", "The number is 2.", List.of("even")));
    assertThat(read("long-sequence", blocks.get(1)))
        .extracting(instance -> instance.references().get(0))
        .containsExactly("one", "two");
  }

  @Test
  void theExampleOfRowsIsRead() throws IOException {
    var document = Files.readString(Path.of(System.getProperty("dapt.home"), "docs/formats.md"));
    var rows = Pattern.compile("(?s)```jsonl\n(.*?)```").matcher(document);
    assertThat(rows.find()).isTrue();
    var file = new TaskFile(Files.writeString(folder.resolve("t.jsonl"), rows.group(1)).toString());
    var hadoop = new Configuration();
    var table = (TableFormat) TaskFormat.of("jsonl");
    var names = table.resolve(hadoop, file, FieldNames.of(Map.of()));
    var instances = new ArrayList<Instance>();
    file.read(
        hadoop,
        table.reader(hadoop, names, new RowFilter("count", null)),
        (position, instance) -> instances.add(instance));
    assertThat(instances).hasSize(1);
    assertThat(instances.get(0).references()).containsExactly("4", "four");
  }

  /** Each usual name of a field, and each key, stands in the table. */
  @Test
  void theNamesOfFieldsAreThoseThatAreTried() throws IOException {
    var document = Files.readString(Path.of(System.getProperty("dapt.home"), "docs/formats.md"));
    for (var field : Field.values()) {
      var line =
          document
              .lines()
              .filter(one -> one.startsWith("| `" + field.key() + "` | `" + field.key() + "`"))
              .findFirst()
              .orElseThrow();
      var names = Pattern.compile("`([^`]+)`").matcher(line.split("\\|", -1)[2]).results();
      assertThat(names.map(match -> match.group(1))).containsExactlyElementsOf(field.usual());
    }
  }

  @Test
  void theExampleOfAManifestIsOne() throws IOException {
    Files.writeString(folder.resolve(TaskManifest.FILE), blocks.get(2));
    var files = FileSystem.getLocal(new Configuration());
    var manifest = ManifestFile.read(files, new org.apache.hadoop.fs.Path(folder.toUri()));
    assertThat(manifest.split(Split.TRAIN).examples() + manifest.split(Split.DEV).examples())
        .isEqualTo(manifest.holdOut().trainInstances());
  }

  private static List<Instance> read(String format, String json) throws IOException {
    var instances = new ArrayList<Instance>();
    TaskReader.named(format)
        .read(
            new ByteArrayInputStream(json.getBytes(StandardCharsets.UTF_8)),
            "formats.md",
            (position, instance) -> instances.add(instance));
    return instances;
  }
}
