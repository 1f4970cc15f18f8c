package org.dapt.models;

import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.function.Function;
import org.dapt.error.ConfigException;
import org.dapt.error.InputException;
import org.dapt.io.LocalModelFiles;
import org.dapt.io.ModelFiles;
import org.dapt.io.ModelFolder;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Copies of remote models on this machine, in this user's cache: of each state of a folder one,
 * which all processes share. A copy is named by a digest of names, lengths and times of change of
 * its files, which are the configuration and the weights that are loaded, and nothing else.
 *
 * <p>Whoever copies or loads holds the lock {@code NAME.lock} beside the copy, alone or with
 * others. Copies that nobody holds go when {@link CopySpace} needs their place.
 */
final class ModelCopies {
  private static final Logger LOG = LoggerFactory.getLogger(ModelCopies.class);
  private static final String INDEX = "model.safetensors.index.json";

  private final Path root;
  private final CopySpace space;

  ModelCopies(Path root, CopySpace space) {
    this.root = root;
    this.space = space;
  }

  /** Those of this user. */
  static ModelCopies ofUser() {
    Path root = CacheFolder.of("models");
    return new ModelCopies(root, new CopySpace(root, CopySpace.usual()));
  }

  /**
   * Calls {@code use} with the copy of {@code remote}, which is made if there is none. It may be
   * removed afterwards.
   *
   * @throws InputException if the folder is incomplete, or cannot be copied
   * @throws ConfigException if the cache has no room
   */
  <T> T with(ModelFiles remote, Function<ModelFiles, T> use) {
    // Locks of files belong to the process: its threads take turns.
    synchronized (ModelCopies.class) {
      try {
        SortedSet<String> names = names(remote);
        Path copy = root.resolve(ModelDigests.key(remote, names));
        try (FileChannel channel =
            FileChannel.open(
                CopySpace.lockOf(copy),
                StandardOpenOption.CREATE,
                StandardOpenOption.WRITE,
                StandardOpenOption.READ)) {
          T result;
          try (FileLock held = hold(channel, copy, remote, names)) {
            LOG.debug("Loading from {} under {}", copy, held);
            result = use.apply(new LocalModelFiles(copy, remote.shown(), true));
          }
          space.trim();
          return result;
        }
      } catch (IOException e) {
        throw new InputException(
            "The model folder %s cannot be copied to %s: %s. Check model.path, its permissions and the room there; DAPT_CACHE_DIR names another place."
                .formatted(remote.shown(), root, e.getMessage()),
            e);
      }
    }
  }

  /** A shared lock on a whole copy. */
  private FileLock hold(FileChannel channel, Path copy, ModelFiles remote, SortedSet<String> names)
      throws IOException {
    while (true) {
      FileLock shared = channel.lock(0, Long.MAX_VALUE, true);
      if (Files.isDirectory(copy)) {
        CopySpace.used(copy);
        return shared;
      }
      shared.release();
      try (FileLock alone = channel.lock()) {
        if (!Files.isDirectory(copy)) {
          LOG.debug("Copying under {}", alone);
          copy(remote, names, copy);
        }
      }
      // Between the two locks another process may have removed it again.
    }
  }

  private void copy(ModelFiles remote, SortedSet<String> names, Path copy) throws IOException {
    long bytes = 0;
    for (String name : names) {
      bytes += remote.length(name);
    }
    space.makeRoom(copy, bytes, remote.shown());
    LOG.info("Copying the model {} ({} MiB) to {}", remote.shown(), bytes >> 20, copy);
    Path part = CopySpace.partOf(copy);
    CopySpace.delete(part);
    Files.createDirectories(part);
    for (String name : names) {
      try (InputStream in = remote.open(name)) {
        Files.copy(in, part.resolve(name));
      }
      if (Files.size(part.resolve(name)) != remote.length(name)) {
        throw new IOException(name + " changed while it was copied");
      }
    }
    Files.move(part, copy, StandardCopyOption.ATOMIC_MOVE);
  }

  private static SortedSet<String> names(ModelFiles remote) throws IOException {
    try (ModelFolder model = ModelFolder.open(remote)) {
      SortedSet<String> names = new TreeSet<>(model.hashed());
      // The index is not read beside a single file.
      boolean sharded = !names.contains("model.safetensors");
      if (sharded) {
        names.add(INDEX);
      }
      if (remote.exists(ModelFolder.GENERATION)) {
        names.add(ModelFolder.GENERATION);
      }
      return names;
    }
  }
}
