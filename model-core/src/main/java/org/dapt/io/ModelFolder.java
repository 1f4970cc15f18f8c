package org.dapt.io;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.util.Collections;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import org.dapt.digest.Sha256;
import org.dapt.error.InputException;
import org.dapt.error.Shown;

/**
 * A model in the layout of Hugging Face: a configuration, and the weights in {@code
 * model.safetensors} or in the shards that {@code model.safetensors.index.json} lists. Nothing is
 * ever fetched. Safe for use from several threads.
 */
public final class ModelFolder implements AutoCloseable {
  /** The configuration, by which a folder is that of a model. */
  public static final String CONFIG = "config.json";

  private static final String SINGLE = "model.safetensors";
  private static final String INDEX = "model.safetensors.index.json";

  /** What file systems allow for. */
  private static final int LONGEST_NAME = 255;

  private static final String PICKLED = "pytorch_model.bin";

  private final Path folder;
  private final Path configFile;
  private final JsonNode config;
  private final SortedMap<String, SafetensorsFile> files;
  private final SortedMap<String, SafetensorsFile> tensors = new TreeMap<>();
  private final boolean weighted;

  private ModelFolder(Path folder, String configName, boolean weighted) {
    this.folder = folder;
    this.weighted = weighted;
    configFile = folder.resolve(configName);
    config = JsonObjects.read(configFile);
    files = new TreeMap<>();
  }

  /** Opens a folder with its {@code config.json}; see {@link #open(Path, String)}. */
  public static ModelFolder open(Path folder) {
    return open(folder, CONFIG);
  }

  /**
   * Opens a folder of the local file system.
   *
   * @param configFile the name of the configuration in the folder
   * @throws InputException if the folder, the configuration or weights are missing or malformed, if
   *     a shard or a tensor that the index names is missing, or if the index names a file outside
   *     the folder
   */
  public static ModelFolder open(Path folder, String configFile) {
    if (!Files.isDirectory(folder)) {
      throw new InputException(
          "The model folder "
              + folder
              + (Files.exists(folder) ? " is not a folder" : " does not exist")
              + ". Expected a folder with "
              + CONFIG
              + " and "
              + SINGLE
              + ".");
    }
    ModelFolder model = new ModelFolder(folder, configFile, true);
    try {
      model.openWeights();
      return model;
    } catch (RuntimeException e) {
      model.close();
      throw e;
    }
  }

  /**
   * A model of which there is a configuration only: whoever loads it gets weights drawn at random.
   *
   * @param configFile a {@code config.json}, under any name
   * @throws InputException if it is missing or malformed
   */
  public static ModelFolder withoutWeights(Path configFile) {
    Path absolute = configFile.toAbsolutePath();
    return new ModelFolder(absolute.getParent(), absolute.getFileName().toString(), false);
  }

  /** Whether the weights lie in files: false for a model that is a configuration only. */
  public boolean hasWeights() {
    return weighted;
  }

  /** The folder. */
  public Path folder() {
    return folder;
  }

  /** The file of the configuration. */
  public Path configFile() {
    return configFile;
  }

  /** The configuration, a JSON object; not to be changed. */
  public JsonNode config() {
    return config;
  }

  /**
   * The JSON object in a further file of the folder, such as {@code generation_config.json}; empty
   * where there is none.
   *
   * @throws InputException if it is malformed
   */
  public Optional<JsonNode> optional(String name) {
    Path file = folder.resolve(name);
    return Files.exists(file) ? Optional.of(JsonObjects.read(file)) : Optional.empty();
  }

  /** The names of all tensors, in alphabetical order. */
  public Set<String> names() {
    return Collections.unmodifiableSet(tensors.keySet());
  }

  /** Whether there is a tensor of that name. */
  public boolean has(String tensor) {
    return tensors.containsKey(tensor);
  }

  /**
   * Type and shape of a tensor.
   *
   * @throws InputException if there is none of that name
   */
  public TensorInfo info(String tensor) {
    return file(tensor).info(tensor);
  }

  /**
   * The bytes of a tensor as {@link SafetensorsFile#data} gives them.
   *
   * @throws InputException if there is none of that name
   */
  public ByteBuffer data(String tensor) {
    return file(tensor).data(tensor);
  }

  /**
   * SHA-256 of the configuration and the weight files, as 64 hexadecimal digits: for each file in
   * alphabetical order its name, its length and its bytes. Reads all of them.
   */
  public String sha256() {
    try {
      MessageDigest digest = Sha256.start();
      Set<String> names = new TreeSet<>(files.keySet());
      names.add(configFile.getFileName().toString());
      for (String name : names) {
        Path file = folder.resolve(name);
        digest.update((name + '\n' + Files.size(file) + '\n').getBytes(StandardCharsets.UTF_8));
        try (InputStream in = new DigestInputStream(Files.newInputStream(file), digest)) {
          byte[] chunk = new byte[1 << 16];
          while (in.read(chunk) >= 0) {
            // The stream feeds the digest.
          }
        }
      }
      return Sha256.hex(digest);
    } catch (IOException e) {
      throw new InputException("The model folder " + folder + " cannot be read: " + e + ".", e);
    }
  }

  /** Closes the weight files; buffers handed out stay valid. */
  @Override
  public void close() {
    files.values().forEach(SafetensorsFile::close);
  }

  private SafetensorsFile file(String tensor) {
    SafetensorsFile file = tensors.get(tensor);
    if (file == null) {
      throw new InputException(
          "The model folder "
              + folder
              + " has no tensor \""
              + tensor
              + "\" among its "
              + tensors.size()
              + ". Check that its weights belong to the architecture that "
              + configFile.getFileName()
              + " names.");
    }
    return file;
  }

  private void openWeights() {
    if (Files.exists(folder.resolve(SINGLE))) {
      SafetensorsFile file = open(SINGLE);
      file.names().forEach(name -> tensors.put(name, file));
    } else if (Files.exists(folder.resolve(INDEX))) {
      openShards(folder.resolve(INDEX));
    } else if (Files.exists(folder.resolve(PICKLED))
        || Files.exists(folder.resolve(PICKLED + ".index.json"))) {
      throw new InputException(
          "The model folder "
              + folder
              + " has only "
              + PICKLED
              + ", which is not read because loading it runs code from it. Convert it to"
              + " safetensors: in Python, load the model with transformers' from_pretrained and"
              + " call save_pretrained(folder, safe_serialization=True).");
    } else {
      throw new InputException(
          "The model folder "
              + folder
              + " has no weights: expected "
              + SINGLE
              + ", or "
              + INDEX
              + " with its shards.");
    }
  }

  private void openShards(Path index) {
    JsonNode map = JsonObjects.read(index).path("weight_map");
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
      if (!Files.exists(folder.resolve(shard))) {
        throw new InputException(
            "The shard "
                + folder.resolve(shard)
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

  private SafetensorsFile open(String name) {
    return files.computeIfAbsent(name, n -> SafetensorsFile.open(folder.resolve(n)));
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
