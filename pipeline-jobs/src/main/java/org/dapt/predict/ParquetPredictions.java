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

/** Predictions as a Parquet file, with the columns of {@link AnswerTable}. */
final class ParquetPredictions implements PredictionWriter {
  private static final SimpleGroupFactory GROUPS = new SimpleGroupFactory(AnswerTable.IN_FILE);

  private final ParquetWriter<Group> writer;

  ParquetPredictions(Configuration hadoop, Path file) throws IOException {
    writer =
        ExampleParquetWriter.builder(HadoopOutputFile.fromPath(file, hadoop))
            .withConf(hadoop)
            .withType(AnswerTable.IN_FILE)
            .withCompressionCodec(CompressionCodecName.SNAPPY)
            .withPageWriteChecksumEnabled(true)
            .build();
  }

  @Override
  public void write(Prediction row) throws IOException {
    Group group = GROUPS.newGroup();
    group.append(AnswerTable.INDEX, row.index());
    group.append(AnswerTable.ID, row.id());
    append(group, AnswerTable.INPUT, row.input());
    append(group, AnswerTable.PREDICTION, row.prediction());
    append(group, AnswerTable.CHOSEN_TASK, row.chosenTask());
    if (row.weights() != null) {
      Group weights = group.addGroup(AnswerTable.WEIGHTS);
      row.weights()
          .forEach(
              (task, weight) ->
                  weights.addGroup("key_value").append("key", task).append("value", weight));
    }
    group.append(AnswerTable.SOURCE_TOKENS, row.sourceTokens());
    group.append(AnswerTable.CUT, row.cut());
    group.append(AnswerTable.GENERATED_TOKENS, row.generatedTokens());
    append(group, AnswerTable.ERROR, row.error());
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
