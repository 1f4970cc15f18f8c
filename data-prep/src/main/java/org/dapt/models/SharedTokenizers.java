package org.dapt.models;

import java.io.IOException;
import java.nio.file.Files;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.dapt.error.InputException;
import org.dapt.tokenizer.TextTokenizer;

/**
 * The tokenizers of this process, by the digest of their file: each is loaded once and shared by
 * all Spark tasks, and a file that changes between two preparations is another tokenizer.
 */
public final class SharedTokenizers {
  private static final String FILE = "tokenizer.json";
  private static final Map<String, TextTokenizer> LOADED = new ConcurrentHashMap<>();

  private SharedTokenizers() {}

  /**
   * The tokenizer that lies in {@code modelFolder} now.
   *
   * @throws InputException if there is none, or it cannot be read
   */
  public static TextTokenizer current(Configuration hadoop, String modelFolder) {
    var read = load(hadoop, modelFolder);
    var known = LOADED.putIfAbsent(read.sha256(), read);
    if (known == null) {
      return read;
    }
    read.close();
    return known;
  }

  /**
   * The tokenizer with the given digest, from {@code modelFolder} unless this process has it
   * already.
   *
   * @throws InputException if the folder holds another one
   */
  public static TextTokenizer withDigest(Configuration hadoop, String modelFolder, String sha256) {
    var known = LOADED.get(sha256);
    if (known != null) {
      return known;
    }
    var found = current(hadoop, modelFolder);
    if (!found.sha256().equals(sha256)) {
      throw new InputException(
          "The tokenizer in %s has SHA-256 %s here and %s on the driver: put the same model folder on every machine."
              .formatted(modelFolder, found.sha256(), sha256));
    }
    return found;
  }

  private static TextTokenizer load(Configuration hadoop, String modelFolder) {
    var folder = new Path(modelFolder);
    var scheme = folder.toUri().getScheme();
    if (scheme == null || scheme.equals("file")) {
      return TextTokenizer.load(java.nio.file.Path.of(folder.toUri().getPath()));
    }
    var remote = new Path(folder, FILE);
    try {
      var copy = Files.createTempFile("dapt-tokenizer-", ".json");
      try (var in = remote.getFileSystem(hadoop).open(remote);
          var out = Files.newOutputStream(copy)) {
        in.transferTo(out);
        out.flush();
        return TextTokenizer.load(copy);
      } finally {
        Files.delete(copy);
      }
    } catch (IOException e) {
      throw new InputException(
          "The tokenizer %s cannot be read: %s. Correct model.path, or upload the model folder."
              .formatted(remote, e.getMessage()),
          e);
    }
  }
}
