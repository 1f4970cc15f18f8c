package org.dapt.predict;

import java.io.IOException;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.parquet.example.data.Group;
import org.apache.parquet.example.data.simple.SimpleGroupFactory;
import org.apache.parquet.hadoop.ParquetWriter;
import org.apache.parquet.hadoop.example.ExampleParquetWriter;
import org.apache.parquet.hadoop.metadata.CompressionCodecName;
import org.apache.parquet.hadoop.util.HadoopOutputFile;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.MessageTypeParser;

/** Predictions as a Parquet file, with the columns of {@link Prediction#COLUMNS}. */
final class ParquetPredictions implements PredictionWriter {
  private static final MessageType SCHEMA =
      MessageTypeParser.parseMessageType(
          """
          message prediction {
            required int64 index;
            required binary id (STRING);
            optional binary input (STRING);
            optional binary prediction (STRING);
            optional binary chosen_task (STRING);
            optional group weights (MAP) {
              repeated group key_value {
                required binary key (STRING);
                required double value;
              }
            }
            required int32 source_tokens;
            required boolean cut;
            required int32 generated_tokens;
            optional binary error (STRING);
          }
          """);
  private static final SimpleGroupFactory GROUPS = new SimpleGroupFactory(SCHEMA);

  private final ParquetWriter<Group> writer;

  ParquetPredictions(Configuration hadoop, Path file) throws IOException {
    writer =
        ExampleParquetWriter.builder(HadoopOutputFile.fromPath(file, hadoop))
            .withConf(hadoop)
            .withType(SCHEMA)
            .withCompressionCodec(CompressionCodecName.SNAPPY)
            .withPageWriteChecksumEnabled(true)
            .build();
  }

  @Override
  public void write(Prediction row) throws IOException {
    Group group = GROUPS.newGroup();
    group.append("index", row.index());
    group.append("id", row.id());
    append(group, "input", row.input());
    append(group, "prediction", row.prediction());
    append(group, "chosen_task", row.chosenTask());
    if (row.weights() != null) {
      Group weights = group.addGroup("weights");
      row.weights()
          .forEach(
              (task, weight) ->
                  weights.addGroup("key_value").append("key", task).append("value", weight));
    }
    group.append("source_tokens", row.sourceTokens());
    group.append("cut", row.cut());
    group.append("generated_tokens", row.generatedTokens());
    append(group, "error", row.error());
    writer.write(group);
  }

  private static void append(Group group, String column, String value) {
    if (value != null) {
      group.append(column, value);
    }
  }

  @Override
  public void close() throws IOException {
    writer.close();
  }
}
