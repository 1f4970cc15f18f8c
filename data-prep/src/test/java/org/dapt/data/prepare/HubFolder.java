package org.dapt.data.prepare;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.function.IntUnaryOperator;
import org.apache.hadoop.conf.Configuration;
import org.apache.parquet.example.data.Group;
import org.apache.parquet.example.data.simple.SimpleGroupFactory;
import org.apache.parquet.hadoop.ParquetWriter;
import org.apache.parquet.hadoop.example.ExampleParquetWriter;
import org.apache.parquet.hadoop.util.HadoopOutputFile;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.MessageTypeParser;

/** A folder as {@code datasets} of Hugging Face pushes it to the hub. */
final class HubFolder {
  private static final MessageType SCHEMA =
      MessageTypeParser.parseMessageType(
          "message schema { optional int64 id (INTEGER(64,false)); optional binary text (STRING);"
              + " optional int64 label; optional int64 time (TIMESTAMP(NANOS,true));"
              + " optional group tags (LIST) { repeated group list { optional binary element (STRING); } } }");

  private HubFolder() {}

  /** Writes 22 rows in three splits, with names of labels beside and in the files. */
  static void write(Path folder, boolean namesInFiles) throws IOException {
    var data = Files.createDirectories(folder.resolve("data"));
    file(data.resolve("train-00000-of-00002.parquet"), 0, 8, namesInFiles);
    file(data.resolve("train-00001-of-00002.parquet"), 8, 16, namesInFiles);
    file(data.resolve("validation-00000-of-00001.parquet"), 16, 20, namesInFiles);
    file(data.resolve("test-00000-of-00001.parquet"), 20, 22, namesInFiles);
    Files.writeString(
        folder.resolve("README.md"),
        """
        ---
        license: mit
        dataset_info:
          features:
          - name: text
            dtype: string
          - name: label
            dtype:
              class_label:
                names:
                  '0': World
                  '1': 'Sports'
          splits:
          - name: train
            num_bytes: 1
        ---
        # A dataset
        """);
  }

  /** Writes {@code rows} rows without a known label. */
  static void hideLabels(Path file, int rows) throws IOException {
    Files.delete(file);
    file(file, 0, rows, true, i -> -1);
  }

  private static void file(Path file, int from, int to, boolean names) throws IOException {
    file(file, from, to, names, i -> i % 2);
  }

  private static void file(Path file, int from, int to, boolean names, IntUnaryOperator label)
      throws IOException {
    Map<String, String> notes = new HashMap<>();
    notes.put(
        names ? "huggingface" : "other",
        "{\"info\": {\"features\": {\"text\": {\"dtype\": \"string\", \"_type\": \"Value\"}, \"label\":"
            + " {\"names\": [\"World\", \"Sports\"], \"_type\": \"ClassLabel\"}}}}");
    var out =
        HadoopOutputFile.fromPath(new org.apache.hadoop.fs.Path(file.toUri()), new Configuration());
    try (ParquetWriter<Group> writer =
        ExampleParquetWriter.builder(out).withType(SCHEMA).withExtraMetaData(notes).build()) {
      var groups = new SimpleGroupFactory(SCHEMA);
      for (var i = from; i < to; i++) {
        var group = groups.newGroup();
        group.add("id", -1L - (i - 20));
        group.add("text", "text " + i);
        group.add("label", (long) label.applyAsInt(i));
        group.add("time", 1L);
        writer.write(group);
      }
    }
    // Hadoop's own, which nobody downloads.
    Files.delete(file.resolveSibling("." + file.getFileName() + ".crc"));
  }
}
