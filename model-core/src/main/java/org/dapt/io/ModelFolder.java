package org.dapt.io;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.util.Optional;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import org.dapt.digest.Sha256;
import org.dapt.error.InputException;

/**
 * A model in the layout of Hugging Face: a configuration, and the weights in {@code
 * model.safetensors} or in the shards that {@code model.safetensors.index.json} lists. Nothing is
 * ever fetched. Safe for use from several threads.
 */
public final class ModelFolder implements AutoCloseable {
  /** The configuration, by which a folder is that of a model. */
  public static final String CONFIG = "config.json";

  /** How a model answers, beside its configuration. */
  public static final String GENERATION = "generation_config.json";

  private final ModelFiles files;
  private final String configName;
  private final JsonNode config;
  private final WeightFiles weights;
  private final boolean weighted;

  private ModelFolder(ModelFiles files, String configName, boolean weighted) throws IOException {
    this.files = files;
    this.configName = configName;
    this.weighted = weighted;
    config = JsonObjects.read(files, configName);
    Quantisation.refuse(config, files, configName);
    weights = weighted ? WeightFiles.open(files) : WeightFiles.none(files);
  }

  /** Opens a folder of the local file system with its {@code config.json}. */
  public static ModelFolder open(Path folder) {
    return open(new LocalModelFiles(folder));
  }

  /** Opens a folder with its {@code config.json}; see {@link #open(ModelFiles, String)}. */
  public static ModelFolder open(ModelFiles files) {
    return open(files, CONFIG);
  }

  /** Opens a folder of the local file system; see {@link #open(ModelFiles, String)}. */
  public static ModelFolder open(Path folder, String configFile) {
    return open(new LocalModelFiles(folder), configFile);
  }

  /**
   * Opens a folder.
   *
   * @param configFile the name of the configuration in the folder
   * @throws InputException if the folder, the configuration or weights are missing or malformed, if
   *     the weights are quantised, if a shard or a tensor that the index names is missing, or if
   *     the index names a file outside the folder
   */
  public static ModelFolder open(ModelFiles files, String configFile) {
    try {
      requireFolder(files);
      return new ModelFolder(files, configFile, true);
    } catch (IOException e) {
      throw unreadable(files, e);
    }
  }

  /**
   * The configuration of a folder alone, without a look at its weights.
   *
   * @throws InputException if it is missing or malformed
   */
  public static JsonNode config(ModelFiles files) {
    try {
      requireFolder(files);
      return JsonObjects.read(files, CONFIG);
    } catch (IOException e) {
      throw unreadable(files, e);
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
    ModelFiles files = new LocalModelFiles(absolute.getParent());
    try {
      return new ModelFolder(files, absolute.getFileName().toString(), false);
    } catch (IOException e) {
      throw unreadable(files, e);
    }
  }

  /** Whether the weights lie in files: false for a model that is a configuration only. */
  public boolean hasWeights() {
    return weighted;
  }

  /** The folder as the user names it. */
  public String shown() {
    return files.shown();
  }

  /** A file of the folder as the user names it. */
  public String shown(String name) {
    return files.shown(name);
  }

  /** The file of the configuration as the user names it. */
  public String configFile() {
    return files.shown(configName);
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
    return optional(files, name);
  }

  /** The same of a folder without a look at its weights. */
  public static Optional<JsonNode> optional(ModelFiles files, String name) {
    try {
      return files.exists(name) ? Optional.of(JsonObjects.read(files, name)) : Optional.empty();
    } catch (IOException e) {
      throw unreadable(files, e);
    }
  }

  /** The names of all tensors, in alphabetical order. */
  public Set<String> names() {
    return weights.tensors().keySet();
  }

  /** Whether there is a tensor of that name. */
  public boolean has(String tensor) {
    return weights.tensors().containsKey(tensor);
  }

  /**
   * Type and shape of a tensor.
   *
   * @throws InputException if there is none of that name
   */
  public TensorInfo info(String tensor) {
    return file(tensor).info(tensor);
  }

  /** The file that a tensor lies in, as the user names it. */
  public String origin(String tensor) {
    return file(tensor).origin();
  }

  /**
   * Reads bytes of a tensor as {@link SafetensorsFile#read} does.
   *
   * @throws InputException if there is none of that name
   */
  public void read(String tensor, long offset, ByteBuffer target) {
    file(tensor).read(tensor, offset, target);
  }

  /**
   * SHA-256 of the configuration and the weight files, as 64 hexadecimal digits: for each file in
   * alphabetical order its name, its length and its bytes. Reads all of them.
   */
  public String sha256() {
    try {
      MessageDigest digest = Sha256.start();
      for (String name : hashed()) {
        digest.update((name + '\n' + files.length(name) + '\n').getBytes(StandardCharsets.UTF_8));
        try (InputStream in = new DigestInputStream(files.open(name), digest)) {
          byte[] chunk = new byte[1 << 16];
          while (in.read(chunk) >= 0) {
            // The stream feeds the digest.
          }
        }
      }
      return Sha256.hex(digest);
    } catch (IOException e) {
      throw unreadable(files, e);
    }
  }

  /** The names of the files that {@link #sha256} reads, in its order. */
  public SortedSet<String> hashed() {
    SortedSet<String> names = new TreeSet<>(weights.files().keySet());
    names.add(configName);
    return names;
  }

  /** Closes the weight files. */
  @Override
  public void close() {
    weights.close();
  }

  private SafetensorsFile file(String tensor) {
    SafetensorsFile file = weights.tensors().get(tensor);
    if (file == null) {
      throw new InputException(
          "The model folder "
              + files.shown()
              + " has no tensor \""
              + tensor
              + "\" among its "
              + weights.tensors().size()
              + ". Check that its weights belong to the architecture that "
              + configName
              + " names.");
    }
    return file;
  }

  private static void requireFolder(ModelFiles files) throws IOException {
    if (!files.isFolder()) {
      throw new InputException(
          "The model folder "
              + files.shown()
              + (files.exists("") ? " is not a folder" : " does not exist")
              + ". Expected a folder with "
              + CONFIG
              + " and model.safetensors. "
              + GgufAdvice.of(files)
                  .orElse(
                      "Correct model.path, upload the folder, or fetch a model with dapt-model."));
    }
    if (!files.exists(CONFIG)) {
      Optional<String> advice = GgufAdvice.of(files);
      if (advice.isPresent()) {
        throw new InputException(
            "The model folder %s has no %s. %s".formatted(files.shown(), CONFIG, advice.get()));
      }
    }
  }

  private static InputException unreadable(ModelFiles files, IOException e) {
    return new InputException(
        "The model folder "
            + files.shown()
            + " cannot be read: "
            + e.getMessage()
            + ". Check model.path and the permissions.",
        e);
  }
}
