package org.dapt.loop;

import java.io.InputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.dapt.error.InputException;
import org.dapt.io.SafetensorsFile;
import org.dapt.io.TensorInfo;
import org.dapt.run.TaskArtifacts;
import org.dapt.tensor.ComputeType;
import org.dapt.tensor.Digests;
import org.dapt.tensor.NamedTensors;
import org.dapt.tensor.Placement;
import org.dapt.tensor.Tensors;
import org.dapt.train.BestState;
import org.dapt.train.DevChoice;
import org.dapt.train.StepRecord;
import org.dapt.train.TrainerState;

/**
 * The state of training after a step, as one safetensors file with the digest of its own content.
 *
 * @param fingerprint of everything that decides what is learnt
 * @param ranks how many ranks took the steps
 * @param steps what was recorded of the steps so far
 */
public record Checkpoint(
    String fingerprint, int ranks, TrainerState state, List<StepRecord> steps) {
  /** The metadata with the digest of all tensors. */
  public static final String SHA256 = "sha256";

  private static final Placement HOST = Placement.cpu(ComputeType.FLOAT64);
  private static final String FORMAT = "3";
  private static final String VALUES = "values";
  private static final String MEAN = "mean";
  private static final String SQUARE = "square";
  private static final String STEPS = "steps";
  private static final String FINGERPRINT = "fingerprint";
  private static final String COLUMNS = "columns";

  /** The parameters that were best on dev, and the step and the score of them. */
  private static final String BEST = "best";

  private static final String BEST_OF = "best_of";

  /** Behind it the name of a tensor that was decided before the first step. */
  public static final String DECIDED = "decided.";

  /** The names of the tensors that every one has. */
  public static final Set<String> TENSORS = Set.of(VALUES, MEAN, SQUARE, STEPS);

  /** The names of those that it has besides where the best parameters on dev are kept. */
  public static final Set<String> BEST_TENSORS = Set.of(BEST, BEST_OF);

  /** A file is no whole checkpoint. */
  static final class DamagedException extends Exception {
    private static final long serialVersionUID = 1L;

    DamagedException(String message, Throwable cause) {
      super(message, cause);
    }
  }

  /** Whether a file whose tensors have the names {@code all} is a checkpoint. */
  public static boolean isNamed(Set<String> all) {
    Set<String> names = new HashSet<>(all);
    names.removeIf(name -> name.startsWith(DECIDED));
    return names.containsAll(TENSORS)
        && (names.size() == TENSORS.size()
            || (names.containsAll(BEST_TENSORS)
                && names.size() == TENSORS.size() + BEST_TENSORS.size()));
  }

  byte[] toBytes() {
    Map<String, Tensor> tensors = new TreeMap<>();
    tensors.put(VALUES, state.values());
    tensors.put(MEAN, state.mean());
    tensors.put(SQUARE, state.square());
    tensors.put(STEPS, table());
    state.decided().forEach((name, tensor) -> tensors.put(DECIDED + name, tensor));
    if (state.best() != null) {
      DevChoice choice = state.best().choice();
      tensors.put(BEST, state.best().values());
      tensors.put(
          BEST_OF, HOST.of(ScalarType.Double, new double[] {choice.step(), choice.score()}, 2));
    }
    return NamedTensors.write(
        tensors,
        Map.of(
            "format",
            FORMAT,
            TaskArtifacts.PRODUCER_KEY,
            TaskArtifacts.PRODUCER,
            "step",
            Long.toString(state.step()),
            "ranks",
            Integer.toString(ranks),
            FINGERPRINT,
            fingerprint,
            COLUMNS,
            String.join(",", columns()),
            SHA256,
            Digests.sha256(tensors)));
  }

  /**
   * What a file says it is of, by its header alone; empty where it says nothing or is none.
   *
   * @param length of the whole file
   */
  static String fingerprint(InputStream content, long length, String origin) {
    try (SafetensorsFile file = SafetensorsFile.header(content, length, origin)) {
      return file.metadata().getOrDefault(FINGERPRINT, "");
    } catch (InputException e) {
      return "";
    }
  }

  /**
   * The tensors belong to the open scope.
   *
   * @param origin where the bytes come from, for messages
   * @param placement of the tensors; the learnt values have its type
   * @throws DamagedException if this is no whole checkpoint
   * @throws InputException if another version of dapt wrote it, with another layout
   */
  static Checkpoint parse(byte[] content, String origin, Placement placement)
      throws DamagedException {
    try (SafetensorsFile file = opened(content, origin)) {
      Map<String, String> metadata = file.metadata();
      String format = metadata.getOrDefault("format", "none");
      if (!format.equals(FORMAT)) {
        throw new InputException(
            "The checkpoint %s has format %s, this version of dapt reads format %s. Delete its folder to learn the task from the start, or go on with the version that wrote it."
                .formatted(origin, format, FORMAT));
      }
      if (!isNamed(file.names())) {
        throw new DamagedException("it holds %s, not %s".formatted(file.names(), TENSORS), null);
      }
      Map<String, Tensor> state = NamedTensors.read(file, placement);
      state.put(STEPS, doubles(file, STEPS));
      if (file.names().contains(BEST_OF)) {
        state.put(BEST_OF, doubles(file, BEST_OF));
      }
      if (!Digests.sha256(state).equals(metadata.get(SHA256))) {
        throw new DamagedException("its content has another SHA-256 than it says", null);
      }
      List<StepRecord> steps = records(state.get(STEPS), columns(metadata));
      if (steps.size() != number(metadata, "step")) {
        throw new DamagedException(
            "it says step %s and records %d steps".formatted(metadata.get("step"), steps.size()),
            null);
      }
      return new Checkpoint(
          metadata.getOrDefault(FINGERPRINT, ""),
          number(metadata, "ranks"),
          new TrainerState(
              steps.size(),
              state.get(VALUES),
              state.get(MEAN),
              state.get(SQUARE),
              best(state),
              decided(state)),
          steps);
    }
  }

  private static Map<String, Tensor> decided(Map<String, Tensor> state) {
    Map<String, Tensor> decided = new TreeMap<>();
    state.forEach(
        (name, tensor) -> {
          if (name.startsWith(DECIDED)) {
            decided.put(name.substring(DECIDED.length()), tensor);
          }
        });
    return decided;
  }

  /** Null where the file has none. */
  private static BestState best(Map<String, Tensor> state) throws DamagedException {
    if (!state.containsKey(BEST)) {
      return null;
    }
    double[] of = Tensors.toDoubles(state.get(BEST_OF));
    if (of.length != 2) {
      throw new DamagedException(
          "its %s has %d entries, not 2".formatted(BEST_OF, of.length), null);
    }
    return new BestState(new DevChoice((long) of[0], of[1]), state.get(BEST));
  }

  /** A tensor whose type is not that of the learnt values. */
  private static Tensor doubles(SafetensorsFile file, String name) {
    TensorInfo info = file.info(name);
    return HOST.of(ScalarType.Double, file.data(name), info.dtype(), info.shape());
  }

  private static SafetensorsFile opened(byte[] content, String origin) throws DamagedException {
    try {
      return SafetensorsFile.parse(content, origin);
    } catch (InputException e) {
      throw new DamagedException(e.getMessage(), e);
    }
  }

  private static int number(Map<String, String> metadata, String name) throws DamagedException {
    try {
      return Integer.parseInt(metadata.getOrDefault(name, ""));
    } catch (NumberFormatException e) {
      throw new DamagedException("its %s is no number".formatted(name), e);
    }
  }

  /** The names of the values of a step: all steps have the same. */
  private List<String> columns() {
    return StepRecord.names(steps.isEmpty() ? List.of() : steps.get(0).report().terms().keySet());
  }

  private static List<String> columns(Map<String, String> metadata) throws DamagedException {
    List<String> columns = List.of(metadata.getOrDefault(COLUMNS, "").split(","));
    if (!columns.containsAll(StepRecord.names(List.of()))) {
      throw new DamagedException("its columns are %s".formatted(columns), null);
    }
    return columns;
  }

  private Tensor table() {
    List<String> columns = columns();
    double[] flat =
        steps.stream()
            .map(StepRecord::values)
            .flatMapToDouble(values -> columns.stream().mapToDouble(values::get))
            .toArray();
    return HOST.of(ScalarType.Double, flat, steps.size(), columns.size());
  }

  private static List<StepRecord> records(Tensor table, List<String> columns)
      throws DamagedException {
    if (table.dim() != 2 || table.size(1) != columns.size()) {
      throw new DamagedException(
          "its steps are %s, expected are columns %s"
              .formatted(Arrays.toString(Tensors.shape(table)), columns),
          null);
    }
    double[] flat = Tensors.toDoubles(table);
    List<StepRecord> records = new ArrayList<>();
    for (int at = 0; at < flat.length; at += columns.size()) {
      Map<String, Double> values = new LinkedHashMap<>();
      for (int i = 0; i < columns.size(); i++) {
        values.put(columns.get(i), flat[at + i]);
      }
      records.add(StepRecord.of(values));
    }
    return records;
  }
}
