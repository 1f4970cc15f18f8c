package org.dapt.models;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.MessageDigest;
import java.util.Optional;
import org.dapt.digest.Sha256;
import org.dapt.error.ConfigException;
import org.dapt.error.InputException;
import org.dapt.io.LocalModelFiles;
import org.dapt.io.ModelFiles;
import org.dapt.io.ModelFolder;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The digests of models, which take a pass over all weights, kept in this user's cache for as long
 * as name, length and time of change of all files stay as they are.
 */
final class ModelDigests {
  private static final Logger LOG = LoggerFactory.getLogger(ModelDigests.class);

  /** What is digested in no time is not worth an entry. */
  private static final long WORTHWHILE = 64L << 20;

  private ModelDigests() {}

  /** {@link ModelFolder#sha256} of {@code model}, whose files are {@code files}. */
  static String of(ModelFiles files, ModelFolder model) {
    return of(files, model, WORTHWHILE);
  }

  /**
   * As {@link #of(ModelFiles, ModelFolder)}, keeping digests of at least {@code worthwhile} bytes.
   */
  static String of(ModelFiles files, ModelFolder model, long worthwhile) {
    return known(files, model, worthwhile).orElseGet(() -> taken(files, model));
  }

  /** The digest without a pass over weights that takes long; empty where only that would tell. */
  static Optional<String> known(ModelFiles files, ModelFolder model) {
    return known(files, model, WORTHWHILE);
  }

  private static Optional<String> known(ModelFiles files, ModelFolder model, long worthwhile) {
    try {
      return files instanceof LocalModelFiles && bytes(files, model) < worthwhile
          ? Optional.of(model.sha256())
          : kept(files, model);
    } catch (IOException e) {
      throw new InputException(
          "The model folder %s cannot be read: %s. Check model.path and the permissions."
              .formatted(files.shown(), e.getMessage()),
          e);
    }
  }

  /** A name for the state that the files {@code names} are in. */
  static String key(ModelFiles files, Iterable<String> names) throws IOException {
    MessageDigest digest = Sha256.start();
    digest.update((files.shown() + "\n").getBytes(StandardCharsets.UTF_8));
    for (String name : names) {
      digest.update((name + "\n" + files.stamp(name) + "\n").getBytes(StandardCharsets.UTF_8));
    }
    return Sha256.hex(digest);
  }

  private static long bytes(ModelFiles files, ModelFolder model) throws IOException {
    long bytes = 0;
    for (String name : model.hashed()) {
      bytes += files.length(name);
    }
    return bytes;
  }

  private static Optional<String> kept(ModelFiles files, ModelFolder model) throws IOException {
    try {
      Path file = file(files, model);
      String known = Files.exists(file) ? Files.readString(file) : "";
      return Optional.of(known).filter(text -> text.matches("[0-9a-f]{64}"));
    } catch (ConfigException e) {
      LOG.debug("Digests are not kept", e);
      return Optional.empty();
    }
  }

  private static String taken(ModelFiles files, ModelFolder model) {
    LOG.info("Digesting the model {}: once, for as long as its files do not change", model.shown());
    String sha256 = model.sha256();
    try {
      Path file = file(files, model);
      Path written = Files.createTempFile(file.getParent(), "new-", "");
      Files.writeString(written, sha256);
      Files.move(written, file, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException | ConfigException e) {
      LOG.debug("The digest of {} is not kept", model.shown(), e);
    }
    return sha256;
  }

  /** Where the digest of the state that the files are in is kept. */
  private static Path file(ModelFiles files, ModelFolder model) throws IOException {
    return CacheFolder.of("digests").resolve(key(files, model.hashed()));
  }
}
