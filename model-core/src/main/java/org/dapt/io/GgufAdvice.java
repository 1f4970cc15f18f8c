package org.dapt.io;

import java.io.IOException;
import java.util.Locale;
import java.util.Optional;

/** What to do where a model was fetched as a GGUF file, which is converted and not loaded. */
final class GgufAdvice {
  private static final String ENDING = ".gguf";

  private GgufAdvice() {}

  /** The advice for a folder with such a file, or for such a file itself; empty for others. */
  static Optional<String> of(ModelFiles files) throws IOException {
    if (files.shown().toLowerCase(Locale.ROOT).endsWith(ENDING)) {
      return Optional.of(advice(files.shown()));
    }
    return files.isFolder()
        ? files.names().stream()
            .filter(name -> name.toLowerCase(Locale.ROOT).endsWith(ENDING))
            .sorted()
            .findFirst()
            .map(name -> advice(files.shown(name)))
        : Optional.empty();
  }

  private static String advice(String file) {
    return "A GGUF file of a Llama becomes a model folder by: dapt convert --gguf %s --output FOLDER."
        .formatted(file);
  }
}
