package org.dapt.run;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.ChecksumException;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.dapt.data.file.AtomicFile;
import org.dapt.data.file.JsonFile;
import org.dapt.data.file.ReadableFile;
import org.dapt.error.InputException;
import org.dapt.error.Shown;
import org.dapt.io.JsonObjects;
import org.dapt.io.SafetensorsFile;
import org.dapt.method.ContinualMethod;
import org.dapt.method.LearntTask;
import org.dapt.tensor.NamedTensors;
import org.dapt.tensor.Placement;
import org.dapt.tensor.Scopes;

/**
 * A learnt task as files: {@code block.safetensors}, {@code attention.safetensors} and {@code
 * target.json} in the task's folder of the run.
 */
public final class TaskArtifacts {
  /** The key of the mean attention in {@code target.json}. */
  public static final String MEAN_ATTENTION = "mean_attention";

  /** What wrote a file of tensors, as its metadata tell. */
  public static final String PRODUCER = "dapt";

  /** The key of the metadata that names it. */
  public static final String PRODUCER_KEY = "producer";

  private static final String FORMAT = "1";
  private static final JsonMapper JSON = JsonMapper.builder().build();

  private TaskArtifacts() {}

  /** A learnt task on its way from a rank to the driver. */
  public record Packed(
      String task, byte[] block, byte[] attention, List<Double> meanAttention, String sha256)
      implements java.io.Serializable {}

  /** A file of tensors of a learnt task. */
  public enum Content {
    BLOCK,
    ATTENTION;

    private static final String KEY = "content";

    /**
     * What a file says that it holds; empty for files of others and of versions that did not say.
     */
    public static Optional<Content> of(Map<String, String> metadata) {
      return Arrays.stream(values())
          .filter(content -> PRODUCER.equals(metadata.get(PRODUCER_KEY)))
          .filter(content -> content.text().equals(metadata.get(KEY)))
          .findFirst();
    }

    /** What the file says about itself. */
    public Map<String, String> metadata(String task, String method) {
      return Map.of(
          "format", FORMAT, PRODUCER_KEY, PRODUCER, KEY, text(), "task", task, "method", method);
    }

    private String text() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  public static Packed pack(LearntTask learnt, String method) {
    return new Packed(
        learnt.task(),
        NamedTensors.write(learnt.block(), Content.BLOCK.metadata(learnt.task(), method)),
        NamedTensors.write(learnt.attention(), Content.ATTENTION.metadata(learnt.task(), method)),
        new ArrayList<>(learnt.meanAttention()),
        learnt.sha256());
  }

  public static void write(FileSystem files, Path folder, Packed packed) throws IOException {
    AtomicFile.write(files, new Path(folder, TaskLayout.BLOCK), packed.block());
    AtomicFile.write(files, new Path(folder, TaskLayout.ATTENTION), packed.attention());
    // In this order: equal runs give equal bytes.
    Map<String, Object> target = new LinkedHashMap<>();
    target.put("format", FORMAT);
    target.put("task", packed.task());
    target.put(MEAN_ATTENTION, packed.meanAttention());
    AtomicFile.write(
        files,
        new Path(folder, TaskLayout.TARGET),
        JSON.writerWithDefaultPrettyPrinter().writeValueAsBytes(target));
  }

  /** Reads a learnt task; its tensors belong to the open scope. */
  public static LearntTask read(
      Configuration hadoop, Path folder, String task, Placement placement) {
    try {
      FileSystem files = folder.getFileSystem(hadoop);
      Map<String, Tensor> block = tensors(files, new Path(folder, TaskLayout.BLOCK), placement);
      Map<String, Tensor> attention =
          tensors(files, new Path(folder, TaskLayout.ATTENTION), placement);
      LearntTask learnt = new LearntTask(task, block, attention, readMeanAttention(files, folder));
      requireSame(learnt, TrainingSummary.sha256(Marker.of(files, folder)), folder);
      return learnt;
    } catch (IOException e) {
      throw unreadable(folder, e);
    }
  }

  /** Reads {@code folders}, in their order; the tensors belong to the open scope. */
  public static List<LearntTask> readAll(
      Configuration hadoop, List<LearntFolder> folders, Placement placement) {
    return readAll(
        hadoop,
        folders,
        placement,
        folder -> read(hadoop, new Path(folder.folder()), folder.task(), placement));
  }

  /**
   * Reads what inputs are answered with of {@code folders}, in their order; only that stays in
   * memory. The tensors belong to the open scope.
   */
  public static List<LearntTask> readAnswering(
      Configuration hadoop,
      List<LearntFolder> folders,
      Placement placement,
      ContinualMethod method) {
    return readAll(
        hadoop,
        folders,
        placement,
        folder -> {
          LearntTask part;
          try (PointerScope scope = new PointerScope()) {
            part =
                method.answering(read(hadoop, new Path(folder.folder()), folder.task(), placement));
            tensors(part).forEach(Scopes::keep);
          }
          PointerScope outer = PointerScope.getInnerScope();
          tensors(part)
              .forEach(
                  tensor -> {
                    outer.attach(tensor);
                    Scopes.release(tensor);
                  });
          return part;
        });
  }

  private static List<LearntTask> readAll(
      Configuration hadoop,
      List<LearntFolder> folders,
      Placement placement,
      Function<LearntFolder, LearntTask> read) {
    List<LearntTask> learnt = new ArrayList<>();
    int fitted = 0;
    for (LearntFolder folder : folders) {
      learnt.add(read.apply(folder));
      fitted += folder.selection() == null ? 0 : 1;
    }
    if (fitted == 0) {
      return learnt;
    }
    Path selection = new Path(folders.get(0).selection());
    try {
      return new StoredSelection(selection, fitted)
          .over(selection.getFileSystem(hadoop), learnt, placement);
    } catch (IOException e) {
      throw unreadable(selection, e);
    }
  }

  private static Stream<Tensor> tensors(LearntTask task) {
    return Stream.concat(task.block().values().stream(), task.attention().values().stream());
  }

  /** A block alone, from a file of its own; its tensors belong to the open scope. */
  public static LearntTask readBlock(
      Configuration hadoop, Path file, String task, Placement placement) throws IOException {
    return new LearntTask(
        task, tensors(file.getFileSystem(hadoop), file, placement), Map.of(), List.of());
  }

  /** The mean attention alone; empty for methods that do not reflect. */
  public static List<Double> readMeanAttention(FileSystem files, Path folder) throws IOException {
    Path file = new Path(folder, TaskLayout.TARGET);
    JsonNode json;
    try {
      json = JsonFile.read(files, file).path(MEAN_ATTENTION);
    } catch (FileNotFoundException e) {
      throw damaged(file, "it does not exist", e);
    } catch (JsonObjects.DamagedException e) {
      throw damaged(file, e.getMessage(), e);
    }
    if (!json.isArray()) {
      throw damaged(file, "it has no array mean_attention", null);
    }
    List<Double> mean = new ArrayList<>();
    for (JsonNode value : json) {
      if (!value.isNumber() || !(value.doubleValue() >= 0 && value.doubleValue() <= 1)) {
        throw damaged(
            file,
            "an entry of mean_attention is %s, numbers from 0 to 1 are expected"
                .formatted(Shown.of(value)),
            null);
      }
      mean.add(value.doubleValue());
    }
    return mean;
  }

  /**
   * The tensors must be those that the marker was written for: a changed bit is no error to see.
   */
  private static void requireSame(LearntTask learnt, String expected, Path folder) {
    String found = learnt.sha256();
    if (!found.equals(expected)) {
      throw damaged(
          folder,
          "%s and %s have the digest %s, its marker says %s"
              .formatted(TaskLayout.BLOCK, TaskLayout.ATTENTION, found, Shown.of(expected)),
          null);
    }
  }

  /** The tensors of a file, by name. */
  static Map<String, Tensor> tensors(FileSystem files, Path file, Placement placement)
      throws IOException {
    try (SafetensorsFile parsed = SafetensorsFile.parse(bytes(files, file), file.toString())) {
      return NamedTensors.readReal(parsed, placement);
    }
  }

  private static byte[] bytes(FileSystem files, Path file) throws IOException {
    try (var in = ReadableFile.open(files, file)) {
      return in.readAllBytes();
    } catch (FileNotFoundException e) {
      throw damaged(file, "it does not exist", e);
    }
  }

  /**
   * Only what a file itself shows is damage: a file system may fail for a while, and be asked
   * again.
   */
  private static RuntimeException unreadable(Path path, IOException e) {
    return e instanceof ChecksumException
        ? damaged(path, String.valueOf(e.getMessage()), e)
        : new UncheckedIOException(path + " cannot be read now: " + e.getMessage(), e);
  }

  private static InputException damaged(Path path, String found, Exception cause) {
    return new InputException(
        "%s cannot be read: %s. Delete the folder of this task and of all later ones from the run and run again."
            .formatted(path, found),
        cause);
  }
}
