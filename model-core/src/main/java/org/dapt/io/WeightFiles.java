package org.dapt.io;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.util.Collections;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.dapt.error.InputException;
import org.dapt.error.Shown;

/**
 * The weight files of a model folder: {@code model.safetensors}, or the shards that {@code
 * model.safetensors.index.json} lists.
 */
final class WeightFiles implements AutoCloseable {
  private static final String SINGLE = "model.safetensors";
  private static final String INDEX = "model.safetensors.index.json";
  private static final String PICKLED = "pytorch_model.bin";

  /** What file systems allow for. */
  private static final int LONGEST_NAME = 255;

  private final ModelFiles files;
  private final SortedMap<String, SafetensorsFile> opened = new TreeMap<>();
  private final SortedMap<String, SafetensorsFile> tensors = new TreeMap<>();

  private WeightFiles(ModelFiles files) {
    this.files = files;
  }

  /** Without any files. */
  static WeightFiles none(ModelFiles files) {
    return new WeightFiles(files);
  }

  /**
   * Opens all.
   *
   * @throws InputException if there are none, a shard or a tensor that the index names is missing,
   *     or the index names a file outside the folder
   */
  static WeightFiles open(ModelFiles files) throws IOException {
    WeightFiles weights = new WeightFiles(files);
    try {
      weights.openAll();
      return weights;
    } catch (RuntimeException | IOException e) {
      weights.close();
      throw e;
    }
  }

  /** The files by name. */
  SortedMap<String, SafetensorsFile> files() {
    return Collections.unmodifiableSortedMap(opened);
  }

  /** The file of each tensor. */
  SortedMap<String, SafetensorsFile> tensors() {
    return Collections.unmodifiableSortedMap(tensors);
  }

  @Override
  public void close() {
    opened.values().forEach(SafetensorsFile::close);
  }

  private void openAll() throws IOException {
    if (files.exists(SINGLE)) {
      SafetensorsFile file = open(SINGLE);
      file.names().forEach(name -> tensors.put(name, file));
    } else if (files.exists(INDEX)) {
      openShards();
    } else if (files.exists(PICKLED) || files.exists(PICKLED + ".index.json")) {
      throw new InputException(
          "The model folder "
              + files.shown()
              + " has only "
              + PICKLED
              + ", which is not read because loading it runs code from it. Convert it to"
              + " safetensors: in Python, load the model with transformers' from_pretrained and"
              + " call save_pretrained(folder, safe_serialization=True).");
    } else {
      throw new InputException(
          "The model folder "
              + files.shown()
              + " has no weights that are read: expected "
              + SINGLE
              + ", or "
              + INDEX
              + " with its shards. "
              + GgufAdvice.of(files)
                  .orElse(
                      "Take the unquantised folder of the same model as Transformers saves it;"
                          + " files of other formats, such as .h5 and .msgpack, are not read, and"
                          + " a .gguf file of a Llama becomes a model folder by dapt convert."));
    }
  }

  private void openShards() throws IOException {
    String index = files.shown(INDEX);
    JsonNode map = JsonObjects.read(files, INDEX).path("weight_map");
    if (!map.isObject() || map.isEmpty()) {
      throw new InputException(
          index + " has no weight_map from tensors to shards. Save the model again.");
    }
    for (Map.Entry<String, JsonNode> entry : map.properties()) {
      String tensor = entry.getKey();
      String shard = entry.getValue().textValue();
      if (shard == null || !isPlainName(shard)) {
        throw new InputException(
            index
                + " maps the tensor \""
                + Shown.of(tensor)
                + "\" to "
                + Shown.of(entry.getValue())
                + ", expected the name of a file in the same folder. Save the model again.");
      }
      if (!files.exists(shard)) {
        throw new InputException(
            "The shard "
                + files.shown(shard)
                + " does not exist, but "
                + INDEX
                + " names it for the tensor \""
                + Shown.of(tensor)
                + "\". Fetch or copy all shards.");
      }
      SafetensorsFile file = open(shard);
      if (!file.names().contains(tensor)) {
        throw new InputException(
            file.origin()
                + " lacks the tensor \""
                + Shown.of(tensor)
                + "\" that "
                + INDEX
                + " places in it. The shards and the index belong to different models: fetch them"
                + " again.");
      }
      tensors.put(tensor, file);
    }
  }

  private SafetensorsFile open(String name) throws IOException {
    SafetensorsFile known = opened.get(name);
    if (known == null) {
      known = files.tensors(name);
      opened.put(name, known);
    }
    return known;
  }

  /**
   * A name without any path: the file may still be a link, as in the caches of Hugging Face's
   * tools.
   */
  private static boolean isPlainName(String name) {
    return !name.isEmpty()
        && name.length() <= LONGEST_NAME
        && SafetensorsHeader.isEncodable(name)
        && !name.equals(".")
        && !name.equals("..")
        && name.chars().noneMatch(c -> c == '/' || c == '\\' || c == ':' || c < ' ');
  }
}
