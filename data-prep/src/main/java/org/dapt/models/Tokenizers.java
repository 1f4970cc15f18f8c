package org.dapt.models;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.dapt.error.InputException;
import org.dapt.io.LocalModelFiles;
import org.dapt.io.ModelFiles;
import org.dapt.tokenizer.TextTokenizer;
import org.dapt.tokenizer.TokenRules;

/**
 * The tokenizers of this process: each is loaded once and shared by all Spark tasks, and a file
 * that changes is another tokenizer.
 */
final class Tokenizers {
  private static final String FILE = "tokenizer.json";

  /** A tokenizer's file in one state, for a model. */
  private record Key(String file, String stamp, TokenRules rules) {}

  private static final Map<Key, TextTokenizer> LOADED = new ConcurrentHashMap<>();

  private Tokenizers() {}

  /**
   * The tokenizer that lies in the folder now.
   *
   * @param rules of its model
   * @throws InputException if there is none, it cannot be read, or it is not that of the model
   */
  static TextTokenizer of(ModelFiles files, TokenRules rules) {
    return of(files, FILE, rules);
  }

  /**
   * The tokenizer in a file of the folder.
   *
   * @param rules null to go by its template alone
   */
  static TextTokenizer of(ModelFiles files, String name, TokenRules rules) {
    String shown = files.shown(name);
    try {
      if (!files.exists(name)) {
        throw new InputException(
            "The tokenizer %s does not exist. Expected the tokenizer.json of the model; save_pretrained of a fast tokenizer in Python writes it."
                .formatted(shown));
      }
      return LOADED.computeIfAbsent(
          new Key(shown, files.stamp(name), rules), key -> load(files, name, rules));
    } catch (IOException e) {
      throw unreadable(shown, e);
    }
  }

  private static TextTokenizer load(ModelFiles files, String name, TokenRules rules) {
    String shown = files.shown(name);
    if (files instanceof LocalModelFiles local) {
      return TextTokenizer.load(local.folder().resolve(name), shown, rules);
    }
    try {
      Path copy = Files.createTempFile("dapt-tokenizer-", ".json");
      try (InputStream in = files.open(name)) {
        Files.copy(in, copy, StandardCopyOption.REPLACE_EXISTING);
        return TextTokenizer.load(copy, shown, rules);
      } finally {
        Files.delete(copy);
      }
    } catch (IOException e) {
      throw unreadable(shown, e);
    }
  }

  private static InputException unreadable(String shown, IOException e) {
    return new InputException(
        "The tokenizer %s cannot be read: %s. Correct model.path, or upload the model folder."
            .formatted(shown, e.getMessage()),
        e);
  }
}
