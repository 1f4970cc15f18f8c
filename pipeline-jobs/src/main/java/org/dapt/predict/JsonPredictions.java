package org.dapt.predict;

import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.io.OutputStream;
import java.util.LinkedHashMap;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;

/** Predictions as a JSON object a line, with the fields of {@link AnswerTable}. */
final class JsonPredictions implements PredictionWriter {
  private static final JsonMapper JSON = JsonMapper.builder().build();

  private final OutputStream out;

  JsonPredictions(Configuration hadoop, Path file) throws IOException {
    out = file.getFileSystem(hadoop).create(file, false);
  }

  @Override
  public void write(Prediction row) throws IOException {
    out.write(JSON.writeValueAsBytes(object(row)));
    out.write('\n');
  }

  /** The row by the names of its columns; those without a value are null. */
  static Map<String, Object> object(Prediction row) {
    Map<String, Object> object = new LinkedHashMap<>();
    object.put(AnswerTable.INDEX, row.index());
    object.put(AnswerTable.ID, row.id());
    object.put(AnswerTable.INPUT, row.input());
    object.put(AnswerTable.PREDICTION, row.prediction());
    object.put(AnswerTable.CHOSEN_TASK, row.chosenTask());
    object.put(AnswerTable.WEIGHTS, row.weights());
    object.put(AnswerTable.SOURCE_TOKENS, row.sourceTokens());
    object.put(AnswerTable.CUT, row.cut());
    object.put(AnswerTable.GENERATED_TOKENS, row.generatedTokens());
    object.put(AnswerTable.ERROR, row.error());
    return object;
  }

  @Override
  public void close() throws IOException {
    out.close();
  }
}
