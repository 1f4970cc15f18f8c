package org.dapt.tokenizer;

import ai.djl.huggingface.tokenizers.jni.LibUtils;
import ai.djl.util.Utils;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.dapt.error.ConfigException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Loads the native library of the tokenizers once in this process, from the jar and from nowhere
 * else.
 *
 * <p>DJL unpacks it to {@code ~/.djl.ai/tokenizers} ({@code DJL_CACHE_DIR} or {@code
 * ENGINE_CACHE_DIR} move it). Several processes of one machine that start together queue at a lock
 * file there, so that none loads what another still writes.
 */
final class TokenizerLibrary {
  private static final Logger LOG = LoggerFactory.getLogger(TokenizerLibrary.class);

  private static volatile boolean loaded;

  private TokenizerLibrary() {}

  /**
   * Loads the library unless that is done already. Any number of threads may call it.
   *
   * @throws ConfigException if the cache cannot be written, or the library does not run on this
   *     platform
   */
  static void load() {
    if (!loaded) {
      loadLocked();
    }
  }

  private static synchronized void loadLocked() {
    if (loaded) {
      return;
    }
    // Offline, DJL neither downloads libraries that fit a GPU nor reports its use to its makers.
    System.setProperty("ai.djl.offline", "true");
    if (!Utils.isOfflineMode()) {
      throw new ConfigException(
          "The environment variable DJL_OFFLINE is "
              + System.getenv("DJL_OFFLINE")
              + ", which lets the tokenizer library use the network. Unset it, or set it to true.");
    }
    Path cache = Utils.getEngineCacheDir("tokenizers");
    try (FileChannel channel = openLockFile(cache);
        FileLock lock = channel.lock()) {
      LibUtils.checkStatus();
      LOG.debug("Loaded the tokenizer library from {} under {}", cache, lock);
      loaded = true;
    } catch (IOException e) {
      throw new ConfigException(
          "Cannot unpack the tokenizer library to "
              + cache
              + ": "
              + e
              + ". Set DJL_CACHE_DIR to a folder that this user may write.",
          e);
    } catch (RuntimeException | LinkageError e) {
      Throwable cause = e.getCause() == null ? e : e.getCause();
      throw new ConfigException(
          "Cannot load the tokenizer library ("
              + cause
              + "). The jar ai.djl.huggingface:tokenizers must be on the class"
              + " path, "
              + cache
              + " must be writable and allow programs, and the platform must be one of linux-x86_64,"
              + " linux-aarch64, osx-aarch64 and win-x86_64.",
          e);
    }
  }

  private static FileChannel openLockFile(Path cache) throws IOException {
    Files.createDirectories(cache);
    return FileChannel.open(
        cache.resolve(".dapt.lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
  }
}
