package org.dapt.predict;

import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.BufferedReader;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.Serializable;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.dapt.data.file.ReadableFile;
import org.dapt.error.InputException;

/**
 * Some rows that are answered together, in a file of their own with a JSON object a line.
 *
 * @param name of the file; names sort as the rows of the input do
 * @param rows how many there are
 * @param bare how many have no instruction of their own and are no conversation
 * @param replaced how many have characters in the place of bytes that are no text
 * @param bad how many of them cannot be answered
 * @param firstBad why the first of those cannot, with its place in the part; null if there is none
 */
record InputPart(String name, long rows, long bare, long replaced, long bad, String firstBad)
    implements Serializable {
  static final JsonMapper JSON = JsonMapper.builder().build();

  /** The rows of the part {@code name} in {@code folder}. */
  static List<InputRow> read(Configuration hadoop, Path folder, String name) throws IOException {
    Path file = new Path(folder, name);
    List<InputRow> rows = new ArrayList<>();
    try (BufferedReader in =
        new BufferedReader(
            new InputStreamReader(
                ReadableFile.open(file.getFileSystem(hadoop), file), StandardCharsets.UTF_8))) {
      for (String line = in.readLine(); line != null; line = in.readLine()) {
        rows.add(JSON.readValue(line, InputRow.class));
      }
      return rows;
    } catch (FileNotFoundException e) {
      throw new InputException(
          "%s is gone, so that its rows cannot be answered. Delete the folder of the predictions and predict again."
              .formatted(file),
          e);
    }
  }
}
