package org.dapt.predict;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.dapt.data.file.AtomicFile;
import org.dapt.data.file.JsonFile;
import org.dapt.error.InputException;
import org.dapt.error.Shown;
import org.dapt.io.JsonObjects;

/**
 * What a folder of predictions is made from, in its file {@value #FILE}: written when all rows are
 * dealt to parts, so that each later call finds the same parts and can see what is missing.
 *
 * @param format of this file
 * @param madeFrom digests and settings by name; predictions of others do not belong in the folder
 * @param tasks the learnt tasks, the oldest first
 * @param parts names of the files with the rows of each part
 * @param rows how many rows each part has
 */
record PredictionPlan(
    @JsonProperty("format") String format,
    @JsonProperty("made_from") Map<String, String> madeFrom,
    @JsonProperty("tasks") List<String> tasks,
    @JsonProperty("parts") List<String> parts,
    @JsonProperty("rows") List<Long> rows) {
  /** The name of the file; Spark takes no notice of it. */
  static final String FILE = "_PLAN";

  static final String FORMAT = "1";
  private static final JsonMapper JSON = JsonMapper.builder().build();

  /** The plan in {@code folder}; empty where there is none. */
  static Optional<PredictionPlan> read(FileSystem files, Path folder) throws IOException {
    Path file = new Path(folder, FILE);
    try {
      PredictionPlan plan = JSON.treeToValue(JsonFile.read(files, file), PredictionPlan.class);
      if (!FORMAT.equals(plan.format()) || plan.parts().size() != plan.rows().size()) {
        throw damaged(file, "its format is " + Shown.of(plan.format()), null);
      }
      return Optional.of(plan);
    } catch (FileNotFoundException e) {
      return Optional.empty();
    } catch (JsonProcessingException | JsonObjects.DamagedException | NullPointerException e) {
      throw damaged(file, Shown.of(e.getMessage()), e);
    }
  }

  /** Writes it into {@code folder}. */
  void write(FileSystem files, Path folder) throws IOException {
    AtomicFile.write(
        files,
        new Path(folder, FILE),
        JSON.writerWithDefaultPrettyPrinter().writeValueAsBytes(this));
  }

  /** What is not as it was, a line each; empty where all is. */
  List<String> differences(Map<String, String> now) {
    List<String> differences = new ArrayList<>();
    TreeSet<String> names = new TreeSet<>(madeFrom.keySet());
    names.addAll(now.keySet());
    for (String name : names) {
      String then = madeFrom.get(name);
      String today = now.get(name);
      if (then == null || !then.equals(today)) {
        differences.add("%s: %s, then %s".formatted(name, shown(today), shown(then)));
      }
    }
    return differences;
  }

  private static String shown(String value) {
    return value == null ? "not there" : Shown.of(value);
  }

  /** All rows together. */
  long allRows() {
    return rows.stream().mapToLong(Long::longValue).sum();
  }

  /** The index of the first row of each part. */
  long[] firstRows() {
    long[] first = new long[rows.size()];
    for (int i = 1; i < first.length; i++) {
      first[i] = first[i - 1] + rows.get(i - 1);
    }
    return first;
  }

  /** Sorted, as it is written. */
  static Map<String, String> sorted(Map<String, String> values) {
    return new TreeMap<>(values);
  }

  private static InputException damaged(Path file, String found, Exception cause) {
    return new InputException(
        "%s cannot be used: %s. Delete the folder and predict again.".formatted(file, found),
        cause);
  }
}
