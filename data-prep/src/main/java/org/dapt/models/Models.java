package org.dapt.models;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.FileUtil;
import org.dapt.backbone.Backbone;
import org.dapt.backbone.Backbones;
import org.dapt.error.InputException;
import org.dapt.tokenizer.TextTokenizer;

/**
 * The base models of this process, by folder, device and type. A model is loaded once and shared by
 * all its tasks: its weights are frozen. It stays for as long as the process does, since the next
 * job needs it again.
 */
public final class Models {
  private static final Map<ModelSource, Backbone> BACKBONES = new ConcurrentHashMap<>();
  private static final Map<String, TextTokenizer> TOKENIZERS = new ConcurrentHashMap<>();
  private static final Map<String, Path> FOLDERS = new ConcurrentHashMap<>();

  private Models() {}

  /**
   * The model of {@code source}; throws {@link InputException} where the folder does not hold a
   * usable one.
   */
  public static Backbone backbone(ModelSource source, Configuration hadoop) {
    return BACKBONES.computeIfAbsent(
        source, s -> Backbones.load(folder(s.path(), hadoop), s.placement()));
  }

  /** The tokenizer of the model folder at {@code path}. */
  public static TextTokenizer tokenizer(String path, Configuration hadoop) {
    return TOKENIZERS.computeIfAbsent(path, p -> TextTokenizer.load(folder(p, hadoop)));
  }

  /** The model folder on this machine; one on another file system is copied once. */
  public static Path folder(String path, Configuration hadoop) {
    return FOLDERS.computeIfAbsent(path, p -> localise(p, hadoop));
  }

  private static Path localise(String path, Configuration hadoop) {
    org.apache.hadoop.fs.Path given = new org.apache.hadoop.fs.Path(path);
    String scheme = given.toUri().getScheme();
    if (scheme == null || scheme.equals("file")) {
      return Path.of(given.toUri().getPath());
    }
    try {
      FileSystem files = given.getFileSystem(hadoop);
      if (!files.exists(given)) {
        throw new InputException(
            "The model folder "
                + path
                + " does not exist. Correct model.path, or upload the folder.");
      }
      Path copy = Files.createTempDirectory("dapt-model-");
      copy.toFile().deleteOnExit();
      org.apache.hadoop.fs.Path target = new org.apache.hadoop.fs.Path(copy.toUri());
      for (var status : files.listStatus(given)) {
        if (status.isFile()) {
          FileUtil.copy(
              files, status.getPath(), FileSystem.getLocal(hadoop), target, false, hadoop);
        }
      }
      return copy;
    } catch (IOException e) {
      throw new InputException(
          "The model folder " + path + " cannot be copied to this machine: " + e.getMessage(), e);
    }
  }
}
