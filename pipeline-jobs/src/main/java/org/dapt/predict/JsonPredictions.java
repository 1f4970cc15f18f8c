package org.dapt.predict;

import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.io.OutputStream;
import java.util.LinkedHashMap;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;

/** Predictions as a JSON object a line, with the fields of {@link Prediction#COLUMNS}. */
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
    object.put("index", row.index());
    object.put("id", row.id());
    object.put("input", row.input());
    object.put("prediction", row.prediction());
    object.put("chosen_task", row.chosenTask());
    object.put("weights", row.weights());
    object.put("source_tokens", row.sourceTokens());
    object.put("cut", row.cut());
    object.put("generated_tokens", row.generatedTokens());
    object.put("error", row.error());
    return object;
  }

  @Override
  public void close() throws IOException {
    out.close();
  }
}
