package org.dapt.models;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.MessageDigest;
import org.dapt.digest.Sha256;
import org.dapt.error.ConfigException;
import org.dapt.error.InputException;
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
    try {
      long bytes = 0;
      for (String name : model.hashed()) {
        bytes += files.length(name);
      }
      return bytes < worthwhile ? model.sha256() : kept(key(files, model.hashed()), model);
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

  private static String kept(String key, ModelFolder model) {
    Path file;
    try {
      file = CacheFolder.of("digests").resolve(key);
    } catch (ConfigException e) {
      LOG.debug("Digests are not kept", e);
      return model.sha256();
    }
    try {
      String known = Files.exists(file) ? Files.readString(file) : "";
      if (known.matches("[0-9a-f]{64}")) {
        return known;
      }
    } catch (IOException e) {
      LOG.debug("The digest in {} cannot be read", file, e);
    }
    LOG.info("Digesting the model {}: once, for as long as its files do not change", model.shown());
    String sha256 = model.sha256();
    try {
      Path written = Files.createTempFile(file.getParent(), "new-", "");
      Files.writeString(written, sha256);
      Files.move(written, file, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      LOG.debug("The digest of {} is not kept", model.shown(), e);
    }
    return sha256;
  }
}
