package org.dapt.models;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.hadoop.conf.Configuration;
import org.dapt.backbone.Backbone;
import org.dapt.backbone.Backbones;
import org.dapt.chat.ChatTemplate;
import org.dapt.chat.ChatTemplateFile;
import org.dapt.error.ConfigException;
import org.dapt.error.InputException;
import org.dapt.io.LocalModelFiles;
import org.dapt.io.ModelFiles;
import org.dapt.io.ModelFolder;
import org.dapt.spark.TaskDevice;
import org.dapt.tensor.DeviceMemory;
import org.dapt.tensor.Placement;
import org.dapt.tokenizer.TextTokenizer;
import org.dapt.tokenizer.TokenRules;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The door to model folders: everything that reads one comes through here. A folder is a local
 * path, which is used in place, or a URI of a Hadoop file system, of which only what is asked for
 * is fetched. Messages name the folder as the user does.
 *
 * <p>A model is loaded once on each device and shared by all tasks of this process that compute
 * there: its weights are frozen. It stays for as long as the process does, since the next job needs
 * it again; so does a tokenizer.
 */
public final class Models {
  private static final Logger LOG = LoggerFactory.getLogger(Models.class);

  /** A model where it lies. */
  private record Placed(String path, Placement placement) {}

  private static final Map<Placed, Backbone> BACKBONES = new ConcurrentHashMap<>();

  private Models() {}

  /**
   * The model of {@code source} on this task's device, shared; not to be closed. Threads that ask
   * for one that is being loaded wait for it.
   *
   * @throws InputException where the folder does not hold a usable one
   * @throws org.dapt.error.ConfigException where this process cannot compute on the device
   */
  public static Backbone backbone(ModelSource source, Configuration hadoop) {
    Placement placement = new Placement(TaskDevice.of(source.device()), source.type());
    return BACKBONES.computeIfAbsent(
        new Placed(source.path(), placement), model -> load(model.path(), placement, hadoop));
  }

  /**
   * A model of the caller's own, to be closed by it.
   *
   * @throws InputException as {@link #backbone}
   */
  public static Backbone load(String path, Placement placement, Configuration hadoop) {
    ModelFiles files = files(path, hadoop);
    return files instanceof LocalModelFiles local
        ? load(new LocalModelFiles(local.folder(), local.shown(), true), placement)
        : ModelCopies.ofUser().with(files, copy -> load(copy, placement));
  }

  private static Backbone load(ModelFiles files, Placement placement) {
    try (ModelFolder model = ModelFolder.open(files)) {
      if (!placement.device().isCpu()) {
        LOG.info("Loading the model {} on {}", files.shown(), placement.device());
        requireRoom(model, placement, DeviceMemory.of(placement.device()));
      }
      return Backbones.load(model, placement);
    }
  }

  /**
   * Checks that the weights of {@code model} fit where they are to go.
   *
   * @throws ConfigException if they do not
   */
  static void requireRoom(ModelFolder model, Placement placement, DeviceMemory memory) {
    long bytes =
        placement.type().bytes()
            * model.names().stream().mapToLong(name -> model.info(name).elements()).sum();
    if (bytes > memory.free()) {
      throw new ConfigException(
          "The frozen weights of %s take %d MiB, but of the %d MiB of %s %d are free. Take a larger GPU, let fewer tasks share it (spark.task.resource.gpu.amount = 1), or set model.dtype = bfloat16."
              .formatted(
                  model.shown(),
                  bytes >> 20,
                  memory.total() >> 20,
                  placement.device(),
                  memory.free() >> 20));
    }
  }

  /**
   * Configuration, and names, types and shapes of the tensors of the model at {@code path}; their
   * values are not fetched.
   *
   * @throws InputException if the folder is missing, incomplete or malformed
   */
  public static ModelFolder open(String path, Configuration hadoop) {
    return ModelFolder.open(files(path, hadoop));
  }

  /** Whether there is a folder at {@code path} at all. */
  public static boolean exists(String path, Configuration hadoop) {
    try {
      return files(path, hadoop).exists("");
    } catch (IOException e) {
      throw new InputException(
          "The model folder %s cannot be reached: %s. Correct model.path."
              .formatted(path, e.getMessage()),
          e);
    }
  }

  /**
   * Throws what {@link #backbone} and {@link #tokenizer} would throw, as far as it can be known
   * without reading a weight.
   */
  public static void check(String path, Configuration hadoop) {
    try (ModelFolder model = open(path, hadoop)) {
      Backbones.check(model);
    }
    tokenizer(path, hadoop);
  }

  /**
   * SHA-256 of configuration and weights, see {@link ModelFolder#sha256}. A pass over all weights,
   * unless this user's cache has it.
   */
  public static String sha256(String path, Configuration hadoop) {
    ModelFiles files = files(path, hadoop);
    try (ModelFolder model = ModelFolder.open(files)) {
      return ModelDigests.of(files, model);
    }
  }

  /**
   * The same, where it is known without reading the weights of a large model or fetching any of a
   * remote one.
   */
  public static Optional<String> knownSha256(String path, Configuration hadoop) {
    ModelFiles files = files(path, hadoop);
    try (ModelFolder model = ModelFolder.open(files)) {
      return ModelDigests.known(files, model);
    }
  }

  /**
   * What the model at {@code path} asks of the ids of its texts.
   *
   * @throws InputException if the folder has no readable {@code config.json}, or one of an unknown
   *     architecture
   */
  public static TokenRules tokenRules(String path, Configuration hadoop) {
    return tokenRules(files(path, hadoop));
  }

  /**
   * The chat template of the model at {@code path}.
   *
   * @throws ConfigException if it has none
   * @throws InputException if it has one that cannot be used
   */
  public static ChatTemplate chatTemplate(String path, Configuration hadoop) {
    return ChatTemplateFile.read(files(path, hadoop));
  }

  /**
   * The tokenizer that lies in the folder at {@code path} now, shared; not to be closed.
   *
   * @throws InputException if there is none, or it does not belong to the model
   */
  public static TextTokenizer tokenizer(String path, Configuration hadoop) {
    return tokenizer(path, true, hadoop);
  }

  /** The same with the beginning of texts that {@code source} asks for. */
  public static TextTokenizer tokenizer(ModelSource source, Configuration hadoop) {
    return tokenizer(source.path(), source.beginOfText(), hadoop);
  }

  private static TextTokenizer tokenizer(String path, boolean beginOfText, Configuration hadoop) {
    ModelFiles files = files(path, hadoop);
    return Tokenizers.of(files, tokenRules(files).beginning(beginOfText));
  }

  /**
   * The same, which must have the digest that the driver found.
   *
   * @param beginOfText whether texts begin as the tokenizer begins them
   * @throws InputException if the folder holds another one
   */
  public static TextTokenizer tokenizer(
      String path, boolean beginOfText, Configuration hadoop, String sha256) {
    TextTokenizer found = tokenizer(path, beginOfText, hadoop);
    if (!found.sha256().equals(sha256)) {
      throw new InputException(
          "The tokenizer in %s has SHA-256 %s here and %s on the driver: put the same model folder on every machine."
              .formatted(path, found.sha256(), sha256));
    }
    return found;
  }

  /**
   * The tokenizer in a folder or file of this machine that need not be a model's, by its template
   * alone; shared, not to be closed.
   *
   * @throws InputException if there is none
   */
  public static TextTokenizer tokenizer(Path folderOrFile) {
    return Files.isDirectory(folderOrFile)
        ? Tokenizers.of(new LocalModelFiles(folderOrFile), null)
        : Tokenizers.of(
            new LocalModelFiles(folderOrFile.toAbsolutePath().getParent()),
            folderOrFile.getFileName().toString(),
            null);
  }

  private static TokenRules tokenRules(ModelFiles files) {
    return Backbones.tokenRules(files);
  }

  private static ModelFiles files(String path, Configuration hadoop) {
    var given = new org.apache.hadoop.fs.Path(path);
    URI uri = given.toUri();
    if (uri.getScheme() == null || uri.getScheme().equals("file")) {
      return new LocalModelFiles(Path.of(uri.getPath()), uri.getPath(), false);
    }
    try {
      return new HadoopModelFiles(given.getFileSystem(hadoop), given, path);
    } catch (IOException | IllegalArgumentException e) {
      throw new InputException(
          "The model folder %s cannot be reached: %s. Correct model.path."
              .formatted(path, e.getMessage()),
          e);
    }
  }
}
